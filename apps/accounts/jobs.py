"""Jobs: expired sessions and invitations are deleted, invitations are mailed."""

from uuid import UUID

from sqlalchemy import delete, func, select

from apps.accounts.invitations.tokens import token_of
from apps.accounts.models import Invitation, User, UserSession
from apps.core.db.database import Database
from apps.core.jobs import Lane, job
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import render
from apps.mail.services import Letter, send
from project.settings import settings

SUBJECT = _("Your account in the back office of {band}")


@job("accounts.forget_sessions", every="41 * * * *")
async def forget_sessions(db: Database) -> None:
    """Used tokens are kept until they expire: shown again, they end their family."""
    async with db.transaction() as connection:
        await connection.execute(delete(UserSession).where(UserSession.expires_at < func.now()))
        await connection.execute(delete(Invitation).where(Invitation.expires_at < func.now()))


@job("accounts.mail_invitation", lane=Lane.mail)
async def mail_invitation(db: Database, *, invitation_id: UUID) -> None:
    """None for a link that does not work any more."""
    async with db.begin() as session:
        found = select(User).join(Invitation, Invitation.user_id == User.id)
        user = await session.scalar(found.where(Invitation.id == invitation_id))
    if user is None:
        return
    locale = user.locale
    words = {
        "name": user.name or user.email,
        "band": settings.band_name,
        "url": f"{settings.base_url}/admin/invitation?token={token_of(invitation_id)}&lang={locale}",
    }
    letter = Letter(
        key=f"invitation:{invitation_id}",
        owner_id=user.id,
        to=user.email,
        subject=SUBJECT.in_locale(locale).format(band=settings.band_name),
        text=render("accounts/mail/invitation.txt", locale, words),
        html=render("accounts/mail/invitation.html", locale, words),
    )
    await send(db, letter)
