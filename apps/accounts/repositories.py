"""Named queries over people, their roles and sessions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, Select, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import (
    ADMIN,
    ONE_OF_A_USER,
    Credential,
    CredentialKind,
    Role,
    SessionToken,
    User,
    UserRole,
    UserSession,
)
from apps.accounts.permissions import all_permissions
from apps.core.db.repositories import LockingRepository
from project.settings import settings

USERS = User.table()
ROLES = Role.table()
USER_ROLES = UserRole.table()
SESSIONS = UserSession.table()
CREDENTIALS = Credential.table()
TOKENS = SessionToken.table()
ALIVE = (SESSIONS.c.ended_at.is_(None), SESSIONS.c.expires_at > func.clock_timestamp())
"""Of sessions: neither ended nor expired."""
FRESH = timedelta(minutes=15)
"""So long a proof of who they are is good for what asks for one."""
WORKING_DAY = timedelta(hours=12)
"""So long it opens the back office."""
NOTED_EVERY = timedelta(minutes=15)
"""Visits, by a browser."""


class UserRepository(LockingRepository[User]):
    """Whoever makes or ends sessions locks the person first."""

    model_type = User


class RoleRepository(LockingRepository[Role]):
    model_type = Role


@dataclass(frozen=True, slots=True)
class KnownPassword:
    """Of a user, as its hash was read."""

    user_id: UUID
    password_hash: str


IS_PASSWORD = CREDENTIALS.c.kind == CredentialKind.password
HAS_PASSWORD = select(CREDENTIALS.c.id).where(CREDENTIALS.c.user_id == USERS.c.id, IS_PASSWORD).exists()
"""Of a row of USERS."""


async def find_password(connection: AsyncConnection, email: str) -> KnownPassword | None:
    """None for somebody who is unknown, disabled, or has none."""
    found = select(USERS.c.id, CREDENTIALS.c.secret).join(CREDENTIALS, CREDENTIALS.c.user_id == USERS.c.id)
    able = found.where(USERS.c.email == email, USERS.c.disabled_at.is_(None), IS_PASSWORD)
    row = (await connection.execute(able)).one_or_none()
    return KnownPassword(*row) if row else None


async def keep_password(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    """In the place of the one that the user may have had."""
    new = insert(CREDENTIALS).values(id=uuid7(), user_id=user_id, kind=CredentialKind.password, secret=password_hash)
    # The index's condition is no parameter: PostgreSQL would not know the index by it.
    in_place = {"secret": new.excluded.secret}
    await session.execute(
        new.on_conflict_do_update(index_elements=["user_id", "kind"], index_where=text(ONE_OF_A_USER), set_=in_place)
    )


async def find_by_token(connection: AsyncConnection, token_hash: bytes) -> CurrentUser | None:
    """The same by the session's token, of which this is the hash."""
    return _current_user((await connection.execute(_by_token(), {"token_hash": token_hash})).one_or_none())


def _current_user(row: Row[Any] | None) -> CurrentUser | None:
    return None if row is None else current_user_from(row._asdict(), row.roles, row.permissions)


def current_user_from(
    row: Mapping[str, Any], roles: Sequence[str], permissions: Sequence[Sequence[str]]
) -> CurrentUser:
    """Of a row of `_signed_in`. Who looks at the site as somebody else may do nothing as staff, whatever those may."""
    allowed = permissions_of(roles, permissions) if row["impersonator_id"] is None else frozenset()
    lacks_second_factor = bool(allowed) and not row["has_second_factor"] and settings.staff_need_second_factor
    return CurrentUser(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        locale=row["locale"],
        session_id=row["session_id"],
        permissions=frozenset() if lacks_second_factor else allowed,
        has_second_factor=row["has_second_factor"],
        has_fresh_proof=row["has_fresh_proof"] and row["impersonator_id"] is None,
        has_proof_of_today=row["has_proof_of_today"],
        lacks_second_factor=lacks_second_factor,
        seen_long_ago=row["seen_long_ago"],
        gets_news=row["gets_news"],
        impersonator_id=row["impersonator_id"],
    )


async def roles_of(session: AsyncSession, user_id: UUID) -> Sequence[Role]:
    found = select(Role).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user_id)
    return (await session.scalars(found.order_by(Role.name))).all()


async def find_roles(session: AsyncSession, names: Iterable[str]) -> Sequence[Role]:
    """Those there are of these names, kept from being deleted until the transaction ends."""
    found = select(Role).where(Role.name.in_(names)).order_by(Role.name)
    return (await session.scalars(found.with_for_update(read=True, key_share=True))).all()


def permissions_of(roles: Iterable[str], permissions: Sequence[Sequence[str]]) -> frozenset[str]:
    """What roles of these names, with these sets of permissions, come to."""
    if ADMIN in roles:
        return all_permissions()
    if not any(permissions):
        return frozenset()  # as most people have
    return frozenset[str]().union(*permissions) & all_permissions()


async def users_who_may(session: AsyncSession, permission: str) -> Sequence[User]:
    """All who can sign in and have it by one of their roles."""
    having = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id)
    having = having.where(or_(Role.name == ADMIN, Role.permissions.contains([permission])))
    found = select(User).where(User.id.in_(having), User.disabled_at.is_(None)).order_by(User.id)
    return (await session.scalars(found)).all()


def permissions_in(roles: Sequence[Role]) -> frozenset[str]:
    """What these come to together."""
    return permissions_of([role.name for role in roles], [role.permissions for role in roles])


def signed_in_among() -> Select[Any]:
    """People who are not disabled, with those of the sessions in the array `$1` that are alive."""
    return _signed_in().where(SESSIONS.c.id == func.any(text("CAST($1 AS uuid[])")))


@cache
def _by_token() -> Select[Any]:
    opened = _signed_in().join(TOKENS, TOKENS.c.session_id == SESSIONS.c.id)
    return opened.where(TOKENS.c.token_hash == bindparam("token_hash"), TOKENS.c.used_at.is_(None))


def _signed_in() -> Select[Any]:
    """People who are not disabled, with each of their sessions that is alive."""
    moment = func.clock_timestamp()
    found = select(
        USERS.c.id,
        USERS.c.email,
        USERS.c.name,
        USERS.c.locale,
        SESSIONS.c.id.label("session_id"),
        SESSIONS.c.has_second_factor,
        SESSIONS.c.impersonator_id,
        (SESSIONS.c.proved_at > moment - FRESH).label("has_fresh_proof"),
        (SESSIONS.c.proved_at > moment - WORKING_DAY).label("has_proof_of_today"),
        (SESSIONS.c.seen_at < moment - NOTED_EVERY).label("seen_long_ago"),
        USERS.c.news_agreed_at.is_not(None).label("gets_news"),
        of_roles(ROLES.c.name).label("roles"),
        of_roles(ROLES.c.permissions).label("permissions"),
    )
    return found.join(SESSIONS, SESSIONS.c.user_id == USERS.c.id).where(USERS.c.disabled_at.is_(None), *ALIVE)


def of_roles(column: Column[Any]) -> ColumnElement[Any]:
    """That column of all roles of a row of USERS, by their names, as a JSON list."""
    in_order = func.jsonb_agg(aggregate_order_by(column, ROLES.c.name))
    every = select(func.coalesce(in_order, text("'[]'"), type_=JSONB))
    mine = every.join(USER_ROLES, USER_ROLES.c.role_id == ROLES.c.id).where(USER_ROLES.c.user_id == USERS.c.id)
    return mine.scalar_subquery()
