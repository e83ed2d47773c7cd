"""What staff see of people and roles: one query each."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.repositories import ROLES, USER_ROLES, USERS, of_roles, permissions_of
from apps.accounts.staff_schemas import RoleOut, UserStaffOut
from apps.core.errors import NotFound
from apps.core.pagination import Page, cursor, cursor_key

SHOWN = ("id", "email", "name", "locale", "disabled_at", "created_at")


async def list_users(
    connection: AsyncConnection,
    *,
    q: str | None,
    role: str | None,
    disabled: bool | None,
    limit: int,
    after: str | None,
) -> Page[UserStaffOut]:
    """By address; `q` is how an address or a name begins."""
    found = _users().order_by(USERS.c.email).limit(limit + 1)
    if q:
        found = found.where(_begins(USERS.c.email, q) | _begins(func.lower(USERS.c.name), q))
    if role:
        found = found.where(USERS.c.id.in_(_with_role(role)))
    if disabled is not None:
        found = found.where(USERS.c.disabled_at.is_not(None) if disabled else USERS.c.disabled_at.is_(None))
    if after is not None:
        found = found.where(USERS.c.email > cursor_key(after, 1)[0])
    rows = (await connection.execute(found)).all()
    items = [UserStaffOut(*row) for row in rows[:limit]]
    return Page(items, cursor(items[-1].email) if len(rows) > limit else None)


def _begins(text: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    return text.startswith(beginning.lower(), autoescape=True)


def _with_role(name: str) -> Select[Any]:
    return select(USER_ROLES.c.user_id).join(ROLES, ROLES.c.id == USER_ROLES.c.role_id).where(ROLES.c.name == name)


async def show_user(session: AsyncSession, id: UUID) -> UserStaffOut:
    """Raises NotFound."""
    row = (await session.execute(_users().where(USERS.c.id == id))).one_or_none()
    if row is None:
        raise NotFound
    return UserStaffOut(*row)


def _users() -> Select[Any]:
    return select(*(USERS.c[name] for name in SHOWN), of_roles(ROLES.c.name).label("roles"))


async def list_roles(connection: AsyncConnection, *, limit: int, after: str | None) -> Page[RoleOut]:
    """By name."""
    found = select(ROLES).order_by(ROLES.c.name).limit(limit + 1)
    if after is not None:
        found = found.where(ROLES.c.name > cursor_key(after, 1)[0])
    rows = (await connection.execute(found)).all()
    items = [_role(row) for row in rows[:limit]]
    return Page(items, cursor(items[-1].name) if len(rows) > limit else None)


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
