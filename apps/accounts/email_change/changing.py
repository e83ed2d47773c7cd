"""Changing one's address: a link to the old one and a link to the new one; both must be followed.

Nobody is told whether the new address has an account: its owner is mailed that instead, and the change never comes.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.email_change.tokens import Side, read_token
from apps.accounts.jobs import mail_email_change
from apps.accounts.links.making import end_password_links
from apps.accounts.links.password_links import LinkOver
from apps.accounts.models import Confirmed, EmailChange, Registration, User
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.cache import forget_cached
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.core.audit import assign, record
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _

LASTS = timedelta(days=1)


class SameEmail(AppError):
    status = 422
    type = "same-email"
    message = _("This is your address already.")
    about = ("email",)


async def ask_for_email_change(session: AsyncSession, current_user: CurrentUser, email: str) -> None:
    """Mails both; a change that was asked for before is off. Raises ProofNeeded, SameEmail."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    new_email = email.lower()
    if new_email == user.email:
        raise SameEmail
    await end_email_change(session, user.id)
    change = EmailChange(user_id=user.id, new_email=new_email, expires_at=await now(session) + LASTS)
    session.add(change)
    record(session, "accounts.ask_for_email_change", user, actor=current_user.actor, after={"email": new_email})
    await session.flush()
    await enqueue(session, *(mail_email_change.call(change_id=change.id, side=side) for side in Side))


async def end_email_change(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(EmailChange).where(EmailChange.user_id == user_id))


async def confirm_email_change(session: AsyncSession, token: str) -> Confirmed:
    """By who follows one of the links. Raises LinkOver."""
    id, side = read_token(token)
    change = await session.get(EmailChange, id) if id else None
    if change is None:
        raise LinkOver
    user = await UserRepository(session=session).lock_one(User.id == change.user_id, User.disabled_at.is_(None))
    found = select(EmailChange).where(EmailChange.id == change.id, EmailChange.expires_at > await now(session))
    change = (await session.scalars(found.with_for_update().execution_options(populate_existing=True))).one_or_none()
    if user is None or change is None:
        raise LinkOver
    setattr(change, f"{side.value}_confirmed_at", await now(session))
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        await session.flush()
        return Confirmed.one
    await _change(session, user, change.new_email)
    return Confirmed.both


async def _change(session: AsyncSession, user: User, email: str) -> None:
    before, after = assign(user, {"email": email})
    user.email_confirmed_at = await now(session)
    forget_cached(session)
    record(session, "accounts.change_email", user, actor=user.actor, before=before, after=after)
    try:
        await session.flush()
    except IntegrityError:  # somebody has opened an account with it meanwhile
        raise LinkOver from None
    await end_password_links(session, user.id)
    await end_email_change(session, user.id)
    await session.execute(delete(Registration).where(Registration.email == email))
