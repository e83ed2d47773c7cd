"""Links by mail with which a user sets a password: each works once, an invitation for a week, a reset for an hour."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.devices.known_devices import known_device
from apps.accounts.jobs import mail_password_link, mail_reset
from apps.accounts.links.making import end_password_links, make_password_link
from apps.accounts.links.tokens import hash_of
from apps.accounts.models import LinkPurpose, PasswordLink, User
from apps.accounts.passwords import new_hash
from apps.accounts.repositories import UserRepository, keep_password
from apps.accounts.sessions.limits import RESET_MAILS, count_mail
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.sessions import end_sessions
from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.http.rate_limits import Limits
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _


class LinkOver(AppError):
    status = 410
    type = "link-over"
    message = _("This link has been used, or is too old. Ask for another one.")


async def send_password_link(session: AsyncSession, user: User, purpose: LinkPurpose) -> None:
    """In the user's language; those that were mailed before work no more. The user is locked."""
    link_id = await make_password_link(session, user.id, purpose)
    await enqueue(session, mail_password_link.call(link_id=link_id))


async def forget_password(session: AsyncSession, email: str) -> None:
    """A job looks whose address it is: what is done at once is the same for everybody."""
    await enqueue(session, mail_reset.call(email=email.lower()))


async def count_reset(db: Database, limits: Limits, origin: Origin, email: str) -> None:
    """Raises TooManyRequests; never for what others asked for, on a device where the owner has signed in."""
    async with db.reads() as reads:
        device = await known_device(reads, origin.device_token, email.lower())
    await count_mail(limits, RESET_MAILS, email=email.lower(), by=origin.caller, device=device)


async def user_of_link(session: AsyncSession, token: str) -> User:
    """Whose link it is. Raises LinkOver."""
    found = select(User).join(PasswordLink, PasswordLink.user_id == User.id)
    works = (PasswordLink.token_hash == hash_of(token), PasswordLink.expires_at > await now(session))
    user = await session.scalar(found.where(*works, User.disabled_at.is_(None)))
    if user is None:
        raise LinkOver
    return user


async def set_password_by_link(db: Database, token: str, *, password: str) -> User:
    """Whose it is. Proves the address, too, and signs out whoever knew another password.

    Raises LinkOver, WeakPassword, Invalid, Busy.
    """
    async with db.begin() as session:
        user = await user_of_link(session, token)
    password_hash = await new_hash(password, email=user.email, name=user.name)
    async with db.begin() as session:
        user = await UserRepository(session=session).find_locked(user.id)
        await user_of_link(session, token)  # of two at once the second finds it used
        await keep_password(session, user.id, password_hash)
        user.email_confirmed_at = user.email_confirmed_at or await now(session)
        await end_password_links(session, user.id)
        await end_sessions(session, user.id)
        record(session, "accounts.set_password_by_link", user, actor=user.actor)
    return user
