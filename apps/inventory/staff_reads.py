"""Stock as staff see it: one query each."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page
from apps.core.text.datetimes import AwareDatetime
from apps.inventory.models import Pool
from apps.inventory.services import MOVEMENTS
from apps.inventory.staff_schemas import MovedOut, MovementOut, PoolOut

NEWEST_MOVEMENTS = Keyset((MOVEMENTS.c.created_at, MOVEMENTS.c.id), (AwareDatetime, UUID), is_descending=True)


class MovementQuery(Struct, frozen=True, kw_only=True):
    pool: UUID


def pool_out(pool: Pool | Row[Any]) -> PoolOut:
    return PoolOut(
        id=pool.id,
        name=pool.name,
        capacity=pool.capacity,
        reserved=pool.reserved,
        left=pool.capacity - pool.reserved,
        created_at=pool.created_at,
        archived_at=pool.archived_at,
    )


async def list_movements(
    connection: AsyncConnection, query: MovementQuery, *, limit: int, after: str | None
) -> Page[MovementOut]:
    """The latest first."""
    found = select(MOVEMENTS).where(MOVEMENTS.c.pool_id == query.pool)
    return await page_by_key(connection, found, NEWEST_MOVEMENTS, movement_out, query=query, limit=limit, after=after)


async def moved_out(session: AsyncSession, pool: Pool, movement_id: UUID | None) -> MovedOut:
    row = (await session.execute(select(MOVEMENTS).where(MOVEMENTS.c.id == movement_id))).one_or_none()
    return MovedOut(movement=None if row is None else movement_out(row), left=pool.left)


def movement_out(row: Row[Any]) -> MovementOut:
    return MovementOut(
        id=row.id,
        pool=row.pool_id,
        delta=row.delta,
        reason=row.reason,
        actor=row.actor,
        note=row.note,
        created_at=row.created_at,
    )
