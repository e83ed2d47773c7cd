"""Changes that staff make to user accounts. The `user` that is passed in is locked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.api_keys.revoking import revoke_keys_of
from apps.accounts.current_user import CurrentUser, refuse_api_key
from apps.accounts.links.making import end_password_links
from apps.accounts.links.password_links import send_password_link
from apps.accounts.models import ADMIN, LinkPurpose, User, UserRole
from apps.accounts.passwords import new_hash
from apps.accounts.repositories import UserRepository, keep_password, permissions_in, roles_of
from apps.accounts.second_factor.enrolling import reset_second_factors
from apps.accounts.services import EmailTaken, create_user
from apps.accounts.sessions.cache import forget_cached
from apps.accounts.sessions.sessions import end_sessions
from apps.accounts.users.authority import (
    refuse_beyond,
    refuse_last_admin,
    refuse_lasting_by_key,
    refuse_own_by_key,
    refuse_stronger,
    roles_named,
)
from apps.core.audit import assign, record
from apps.core.db.database import Database, now


async def add_user(
    session: AsyncSession, *, email: str, name: str, locale: str, roles: Sequence[str], by: CurrentUser
) -> User:
    """They are mailed a link to set their password with.

    Raises EmailTaken, BeyondYourPermissions, Invalid; for staff SessionNeeded for an API key.
    """
    given = await roles_named(session, roles)
    refuse_beyond(by, given)
    refuse_lasting_by_key(by, permissions_in(given))
    user = await create_user(
        session, email=email, name=name, locale=locale, password_hash=None, roles=given, actor=by.actor
    )
    await send_password_link(session, user, LinkPurpose.invitation)
    return user


async def invite_again(session: AsyncSession, user: User, *, by: CurrentUser) -> None:
    """Another link by mail to set a password with. Raises BeyondYourPermissions."""
    await refuse_stronger(session, by, user)
    await send_password_link(session, user, LinkPurpose.invitation)
    record(session, "accounts.invite", user, actor=by.actor)
    await session.flush()


async def change_user(
    session: AsyncSession, user: User, *, email: str, name: str, locale: str, by: CurrentUser
) -> None:
    """Raises EmailTaken, BeyondYourPermissions; of the address SessionNeeded for an API key."""
    await refuse_stronger(session, by, user)
    before, after = assign(user, {"email": email.lower(), "name": name.strip(), "locale": locale})
    if "email" in after:
        refuse_api_key(by)
    try:
        await session.flush()
    except IntegrityError:
        raise EmailTaken from None
    if "email" in after:
        await end_password_links(session, user.id)  # who reads the old address must not get in
        user.email_confirmed_at = None
    if after:
        record(session, "accounts.change_user", user, actor=by.actor, before=before, after=after)
        forget_cached(session)


async def give_roles(session: AsyncSession, user: User, names: Sequence[str], *, by: CurrentUser) -> None:
    """These roles and no others. Raises BeyondYourPermissions, LastAdmin, Invalid, SessionNeeded."""
    refuse_own_by_key(by, user)
    old, new = await roles_of(session, user.id), await roles_named(session, names)
    refuse_beyond(by, [*old, *new])
    refuse_lasting_by_key(by, permissions_in(new) - permissions_in(old))
    if ADMIN not in names:
        await refuse_last_admin(session, user)
    await session.execute(delete(UserRole).where(UserRole.user_id == user.id))
    session.add_all(UserRole(user_id=user.id, role_id=role.id) for role in new)
    before, after = ({"roles": [role.name for role in roles]} for roles in (old, new))
    if before != after:
        record(session, "accounts.give_roles", user, actor=by.actor, before=before, after=after)
        forget_cached(session)
    await session.flush()


async def disable(session: AsyncSession, user: User, *, by: CurrentUser) -> None:
    """They are signed out everywhere at once, and their API keys end. Raises BeyondYourPermissions, LastAdmin."""
    await refuse_stronger(session, by, user)
    if user.disabled_at is None:
        await refuse_last_admin(session, user)
        user.disabled_at = await now(session)
        await end_sessions(session, user.id)
        await revoke_keys_of(session, user.id, actor=by.actor)
        record(session, "accounts.disable", user, actor=by.actor, after={"disabled": True})
        await session.flush()


async def enable(session: AsyncSession, user: User, *, by: CurrentUser) -> None:
    """Raises BeyondYourPermissions."""
    await refuse_stronger(session, by, user)
    if user.disabled_at is not None:
        user.disabled_at = None
        record(session, "accounts.enable", user, actor=by.actor, after={"disabled": False})
        await session.flush()


async def reset_factors(session: AsyncSession, user: User, *, by: CurrentUser) -> None:
    """Of who has lost them all: a password alone signs them in. Raises BeyondYourPermissions, SessionNeeded."""
    refuse_api_key(by)
    await refuse_stronger(session, by, user)
    await reset_second_factors(session, user, actor=by.actor)


async def sign_out(session: AsyncSession, user: User, *, by: CurrentUser) -> None:
    """On all devices. Raises BeyondYourPermissions."""
    await refuse_stronger(session, by, user)
    await end_sessions(session, user.id)
    record(session, "accounts.end_sessions", user, actor=by.actor)
    await session.flush()


async def hash_for(db: Database, user_id: UUID, password: str) -> str:
    """For `set_password`; no connection waits for it. Raises NotFound, WeakPassword, Invalid, Busy."""
    async with db.begin() as session:
        user = await UserRepository(session=session).find(user_id)
    return await new_hash(password, email=user.email, name=user.name)


async def set_password(session: AsyncSession, user: User, *, password_hash: str, by: CurrentUser) -> None:
    """They are signed out everywhere at once. Raises BeyondYourPermissions, SessionNeeded."""
    refuse_api_key(by)
    await refuse_stronger(session, by, user)
    await keep_password(session, user.id, password_hash)
    await end_password_links(session, user.id)
    await end_sessions(session, user.id)
    record(session, "accounts.set_password", user, actor=by.actor)
    await session.flush()
