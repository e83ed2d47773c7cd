"""Accounts: registration, and what users change about their own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser, refuse_impersonator
from apps.accounts.links.making import end_password_links
from apps.accounts.models import Role, User, UserRole
from apps.accounts.notices import Notice
from apps.accounts.passwords import is_right, new_hash
from apps.accounts.repositories import UserRepository, find_password, keep_password
from apps.accounts.second_factor.changes import note_change
from apps.accounts.sessions.cache import forget_cached
from apps.accounts.sessions.proof import note_proof
from apps.accounts.sessions.sessions import end_other_sessions
from apps.accounts.sessions.signing_in import lock_unchanged
from apps.core.audit import assign, record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _


class EmailTaken(AppError):
    status = 409
    type = "email-taken"
    message = _("There is an account with this email address already.")
    about = ("email",)


class WrongPassword(AppError):
    status = 403
    type = "wrong-password"
    message = _("The current password is not right.")


async def create_user(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    locale: str,
    password_hash: str | None,
    roles: Sequence[Role],
    actor: str,
) -> User:
    """Whoever calls this has asked whether `actor` may give these roles. Raises EmailTaken."""
    new = insert(User).values(email=email.lower(), name=name.strip(), locale=locale)
    found = await session.scalars(new.on_conflict_do_nothing(index_elements=["email"]).returning(User))
    if (user := found.one_or_none()) is None:
        raise EmailTaken
    if password_hash:
        await keep_password(session, user.id, password_hash)
    session.add_all(UserRole(user_id=user.id, role_id=role.id) for role in roles)
    after = {"email": user.email, "roles": [role.name for role in roles]}
    record(session, "accounts.create_user", user, actor=actor, after=after)
    await session.flush()
    return user


async def change_profile(
    session: AsyncSession, current_user: CurrentUser, *, name: str | None, locale: str | None, news: bool | None = None
) -> User:
    """What is None stays. `news`: whether they want the band's news by mail. Raises NotAsSomebodyElse for that."""
    user = await UserRepository(session=session).find_locked(current_user.id)
    wanted: dict[str, Any] = {"name": user.name if name is None else name.strip(), "locale": locale or user.locale}
    if news is not None and news != (user.news_agreed_at is not None):
        refuse_impersonator(current_user)
        wanted["news_agreed_at"] = await now(session) if news else None
    before, after = assign(user, wanted)
    if after:
        record(session, "accounts.change_profile", user, actor=current_user.actor, before=before, after=after)
        forget_cached(session)
    await session.flush()
    return user


async def change_password(db: Database, current_user: CurrentUser, *, current: str, new: str) -> None:
    """Ends the person's other sessions, and links to set a password with.

    Raises WrongPassword, WeakPassword, Invalid, Busy.
    """
    refuse_impersonator(current_user)
    async with db.reads() as reads:
        known = await find_password(reads, current_user.email)
    if known is None or not await is_right(current, known.password_hash):
        raise WrongPassword
    password_hash = await new_hash(new, email=current_user.email, name=current_user.name, field="new")
    async with db.begin() as session:
        user = await lock_unchanged(session, known)
        if user is None:
            raise WrongPassword
        await keep_password(session, user.id, password_hash)
        await end_password_links(session, user.id)
        await end_other_sessions(session, current_user)
        await note_proof(session, current_user)
        await note_change(session, user, "accounts.change_password", Notice.password_changed, actor=current_user.actor)
