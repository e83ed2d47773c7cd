"""Stock comes and goes by movements: a pool's capacity never changes without a row that says why.

Each function writes within the caller's transaction; pools are the last rows it locks, in the order of their ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.db.bulk import among, insert_rows, update_rows
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.inventory.events import told_by
from apps.inventory.models import MovementReason, Pool, StockMovement

POOLS = Pool.table()
MOVEMENTS = StockMovement.table()


class StockInUse(AppError):
    """`pools`: the ids of the pools that would hold less than is held or sold."""

    status = 409
    type = "stock-in-use"
    message = _("Stock cannot be less than what is already reserved or sold.")
    about = ("units", "stock")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPool:
    name: str
    units: int
    id: UUID = field(default_factory=uuid7)


async def open_pools(connection: AsyncConnection, pools: Sequence[NewPool], *, actor: str, note: str = "") -> None:
    """New pools, each filled by a movement."""
    rows = [{"id": pool.id, "name": pool.name[:200], "capacity": pool.units} for pool in pools]
    await insert_rows(connection, POOLS, rows)
    received = {pool.id: pool.units for pool in pools if pool.units}
    await _record(connection, received, reason=MovementReason.received, actor=actor, note=note)


async def move(
    connection: AsyncConnection, deltas: Mapping[UUID, int], *, reason: MovementReason, actor: str, note: str = ""
) -> dict[UUID, UUID]:
    """Units that came (+) or went (-), by pool; returns the movements' ids, by pool.

    StockInUse when a pool would fall below what is held or sold.
    """
    pools = await _lock(connection, deltas)
    deltas = {pool: delta for pool, delta in deltas.items() if delta}
    if short := [str(pool) for pool, delta in deltas.items() if delta + pools[pool] < 0]:
        raise StockInUse(pools=short)
    await update_rows(
        connection, POOLS, [{"id": pool, "capacity": delta} for pool, delta in deltas.items()], add=("capacity",)
    )
    news = [told_by(pool, before=pools[pool], after=pools[pool] + delta) for pool, delta in deltas.items()]
    await publish(connection, *filter(None, news))
    return await _record(connection, deltas, reason=reason, actor=actor, note=note)


async def count(
    connection: AsyncConnection, left: Mapping[UUID, int], *, actor: str, note: str = ""
) -> dict[UUID, UUID]:
    """Make what is left in each pool what was counted (0 or more); what is held or sold stays so.

    Returns the movements' ids, by pool: none for a pool that held what was counted.
    """
    pools = await _lock(connection, left)
    deltas = {pool: units - pools[pool] for pool, units in left.items()}
    return await move(connection, deltas, reason=MovementReason.counted, actor=actor, note=note)


async def _lock(connection: AsyncConnection, pools: Mapping[UUID, int]) -> dict[UUID, int]:
    """What is left in each pool, under its lock."""
    wanted = select(Pool.id, Pool.capacity - Pool.reserved).where(among(POOLS.c.id, pools)).order_by(Pool.id)
    found = await connection.execute(wanted.with_for_update(key_share=True))
    return dict(found.tuples().all())


async def _record(
    connection: AsyncConnection, deltas: Mapping[UUID, int], *, reason: MovementReason, actor: str, note: str
) -> dict[UUID, UUID]:
    why = {"reason": reason, "actor": actor, "note": note[:200]}
    ids = {pool: uuid7() for pool in deltas}
    rows = [{"id": ids[pool], "pool_id": pool, "delta": delta, **why} for pool, delta in deltas.items()]
    await insert_rows(connection, MOVEMENTS, rows)
    return ids
