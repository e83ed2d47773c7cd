"""Queries behind the staff API of users and roles, one query each."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.permissions import all_permissions
from apps.accounts.repositories import ROLES, USER_ROLES, USERS, of_roles, permissions_of
from apps.accounts.staff_schemas import PermissionOut, RoleOut, UserStaffOut
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page

SHOWN = ("id", "email", "name", "locale", "disabled_at", "created_at", "news_agreed_at")
USERS_BY_EMAIL = Keyset((USERS.c.email,), (str,))
ROLES_BY_NAME = Keyset((ROLES.c.name,), (str,))


class UserQuery(Struct, frozen=True, kw_only=True):
    q: str | None
    role: str | None
    disabled: bool | None


class RoleQuery(Struct, frozen=True, tag="roles"):
    """All of them: the tag alone tells its cursors from those of other lists."""


async def list_users(
    connection: AsyncConnection, query: UserQuery, *, limit: int, after: str | None
) -> Page[UserStaffOut]:
    """By address; `q` is how an address or a name begins."""
    found = _users()
    if query.q:
        found = found.where(_begins(USERS.c.email, query.q) | _begins(func.lower(USERS.c.name), query.q))
    if query.role:
        found = found.where(USERS.c.id.in_(_with_role(query.role)))
    if query.disabled is not None:
        found = found.where(USERS.c.disabled_at.is_not(None) if query.disabled else USERS.c.disabled_at.is_(None))
    return await page_by_key(connection, found, USERS_BY_EMAIL, _user, query=query, limit=limit, after=after)


def _begins(text: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    return text.startswith(beginning.lower(), autoescape=True)


def _with_role(name: str) -> Select[Any]:
    return select(USER_ROLES.c.user_id).join(ROLES, ROLES.c.id == USER_ROLES.c.role_id).where(ROLES.c.name == name)


async def show_user(session: AsyncSession, id: UUID) -> UserStaffOut:
    """Raises NotFound."""
    row = (await session.execute(_users().where(USERS.c.id == id))).one_or_none()
    if row is None:
        raise NotFound
    return _user(row)


def _users() -> Select[Any]:
    return select(*(USERS.c[name] for name in SHOWN), of_roles(ROLES.c.name).label("roles"))


def _user(row: Row[Any]) -> UserStaffOut:
    return UserStaffOut(*row)


async def list_roles(connection: AsyncConnection, *, limit: int, after: str | None) -> Page[RoleOut]:
    """By name."""
    return await page_by_key(
        connection, select(ROLES), ROLES_BY_NAME, _role, query=RoleQuery(), limit=limit, after=after
    )


async def show_role(session: AsyncSession, id: UUID) -> RoleOut:
    """Raises NotFound."""
    row = (await session.execute(select(ROLES).where(ROLES.c.id == id))).one_or_none()
    if row is None:
        raise NotFound
    return _role(row)


def _role(row: Row[Any]) -> RoleOut:
    """With the permissions it comes to: the administrator's has them all, and none written down."""
    permissions = sorted(permissions_of([row.name], [row.permissions]))
    return RoleOut(row.id, row.name, row.title, permissions, row.built_in, row.created_at)


def list_permissions(locale: str) -> list[PermissionOut]:
    """All there are, by name."""
    return [
        PermissionOut(each.value, each.words.in_locale(locale), each.about.in_locale(locale))
        for each in sorted(all_permissions())
    ]
