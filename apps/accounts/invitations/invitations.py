"""Links by mail with which somebody sets a password for themselves: each works once, for a week."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.invitations.tokens import hash_of, is_ours, token_of
from apps.accounts.jobs import mail_invitation
from apps.accounts.models import Invitation, User
from apps.accounts.passwords import new_hash
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.sessions import end_sessions
from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _

LASTS = timedelta(days=7)


class InvitationOver(AppError):
    status = 410
    type = "invitation-over"
    message = _("This link has been used, or is too old. Ask for another one.")


async def invite(session: AsyncSession, user: User) -> None:
    """The link is mailed in the person's language; those that were mailed before work no more."""
    await end_invitations(session, user.id)
    id = uuid7()
    expires_at = await now(session) + LASTS
    session.add(Invitation(id=id, user_id=user.id, token_hash=hash_of(token_of(id)), expires_at=expires_at))
    await session.flush()
    await enqueue(session, mail_invitation.call(invitation_id=id))


async def end_invitations(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(Invitation).where(Invitation.user_id == user_id))


async def invited(session: AsyncSession, token: str) -> User:
    """Whose link it is. Raises InvitationOver."""
    found = select(User).join(Invitation, Invitation.user_id == User.id)
    alive = Invitation.expires_at > await now(session)
    user = None
    if is_ours(token):
        user = await session.scalar(found.where(Invitation.token_hash == hash_of(token), alive))
    if user is None or user.disabled_at is not None:
        raise InvitationOver
    return user


async def accept(db: Database, token: str, *, password: str) -> None:
    """Sets the password, and signs out whoever knew another. Raises InvitationOver, WeakPassword, Invalid, Busy."""
    async with db.begin() as session:
        user = await invited(session, token)
    password_hash = await new_hash(password, email=user.email, name=user.name)
    async with db.begin() as session:
        user = await UserRepository(session=session).find_locked(user.id)
        await invited(session, token)  # of two at once the second finds it used
        user.password_hash = password_hash
        await end_invitations(session, user.id)
        await end_sessions(session, user.id)
        record(session, "accounts.accept_invitation", user, actor=f"user:{user.id}")
