"""Who makes a request with an API key, and what they may do at this moment: one query."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.api_keys.secrets import hash_of
from apps.accounts.current_user import CurrentUser
from apps.accounts.models import ApiKey
from apps.accounts.permissions import all_permissions
from apps.accounts.repositories import ROLES, USERS, of_roles, permissions_of
from project.settings import settings

KEYS = ApiKey.table()
USE_NOTED_EVERY = timedelta(minutes=15)
ALIVE = (KEYS.c.revoked_at.is_(None), or_(KEYS.c.expires_at.is_(None), KEYS.c.expires_at > func.clock_timestamp()))
"""Of keys: neither ended nor expired."""


async def find_by_api_key(reads: AsyncConnection, key: str) -> CurrentUser | None:
    """None for one that is unknown or over, and for that of a user who is disabled. Now and then it notes the use."""
    row = (await reads.execute(_by_hash(), {"key_hash": hash_of(key)})).one_or_none()
    if row is None:
        return None
    if row.used_long_ago:
        free = select(KEYS.c.id).where(KEYS.c.id == row.key_id).with_for_update(skip_locked=True)
        await reads.execute(update(KEYS).where(KEYS.c.id.in_(free)).values(used_at=func.clock_timestamp()))
    return _current_user(row)


def _current_user(row: Row[Any]) -> CurrentUser:
    """A user's key may do what its user may do, too; the band's what was given to it."""
    given = all_permissions().intersection(row.key_permissions)
    permissions = given & permissions_of(row.roles, row.permissions) if row.user_id else given
    lacks_second_factor = settings.staff_need_second_factor and not row.has_second_factor
    return CurrentUser(
        id=row.user_id or row.key_id,
        email=row.email or "",
        name=row.name,
        locale=row.locale or settings.locale,
        session_id=row.key_id,
        permissions=frozenset() if lacks_second_factor else permissions,
        has_second_factor=row.has_second_factor,
        lacks_second_factor=lacks_second_factor,
        api_key_id=row.key_id,
    )


@cache
def _by_hash() -> Select[Any]:
    used_before = KEYS.c.used_at < func.clock_timestamp() - USE_NOTED_EVERY
    found = select(
        KEYS.c.id.label("key_id"),
        KEYS.c.user_id,
        KEYS.c.name,
        KEYS.c.permissions.label("key_permissions"),
        KEYS.c.has_second_factor,
        or_(KEYS.c.used_at.is_(None), used_before).label("used_long_ago"),
        USERS.c.email,
        USERS.c.locale,
        of_roles(ROLES.c.name).label("roles"),
        of_roles(ROLES.c.permissions).label("permissions"),
    )
    with_user = found.select_from(KEYS.outerjoin(USERS, USERS.c.id == KEYS.c.user_id))
    return with_user.where(KEYS.c.key_hash == bindparam("key_hash"), USERS.c.disabled_at.is_(None), *ALIVE)
