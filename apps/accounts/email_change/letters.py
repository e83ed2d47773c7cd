"""The letters of a change of address."""

from uuid import UUID

from sqlalchemy import select

from apps.accounts.email_change.tokens import Side, link_token
from apps.accounts.jobs import KNOWN, account_letter
from apps.accounts.models import EmailChange, User
from apps.core.db.database import Database
from apps.core.jobs import Lane, job
from apps.core.text.i18n import lazy as _
from apps.mail.services import send
from project.settings import settings

CHANGE = _("Confirm the new address of your account with {band}")


@job("accounts.mail_email_change", lane=Lane.mail)
async def mail_email_change(db: Database, *, change_id: UUID, side: Side) -> None:
    """To one of the two; to who has the new address already, that they have an account."""
    async with db.begin() as session:
        found = select(EmailChange, User).join(User, User.id == EmailChange.user_id)
        row = (await session.execute(found.where(EmailChange.id == change_id))).one_or_none()
        if row is None:
            return
        change, user = row
        owner = await session.scalar(select(User).where(User.email == change.new_email))
    key = f"email-change:{change_id}:{side.value}"
    if side is Side.new and owner:
        words = {"name": owner.name or owner.email, "url": f"{settings.base_url}/account/forgot"}
        await send(db, account_letter(key, owner.id, owner.email, owner.locale, KNOWN, "known_address", words))
        return
    to = user.email if side is Side.old else change.new_email
    words = {"name": user.name if side is Side.old and user.name else to, "new_email": change.new_email}
    words["url"] = f"{settings.base_url}/account/confirm-address?token={link_token(change_id, side)}&lang={user.locale}"
    template = "email_change" if side is Side.old else "new_email"
    await send(db, account_letter(key, user.id, to, user.locale, CHANGE, template, words))
