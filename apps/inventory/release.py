"""How holds end: sold, released or expired."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, any_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.inventory.models import HoldState
from apps.inventory.repositories import HAS_RUN_OUT, HOLDS
from apps.inventory.reservations import Reservations

MARK_SOLD = (
    update(HOLDS)
    .where(HOLDS.c.owner_id == any_(bindparam("owners", type_=ARRAY(HOLDS.c.owner_id.type))))
    .values(state=HoldState.sold, expires_at=None, network=None)
)


async def mark_sold(connection: AsyncConnection, owners: Collection[UUID]) -> None:
    """The owners have paid; no pool is touched, and nobody's share counts it any more."""
    await connection.execute(MARK_SOLD, {"owners": list(owners)})


async def release_owner(connection: AsyncConnection, owner: UUID) -> None:
    """Free everything `owner` holds."""
    reservations = Reservations(connection)
    await reservations.load_holds([owner])
    await reservations.lock_pools(reservations.pools_of(reservations.items))
    reservations.release(list(reservations.items))
    await reservations.write()


async def release_expired(connection: AsyncConnection) -> int:
    """Free holds that ran out; returns how many. Pools and holds that others work on are left to them."""
    pools = set(await connection.scalars(select(HOLDS.c.pool_id).where(HAS_RUN_OUT).distinct()))
    reservations = Reservations(connection)
    locked = await reservations.lock_pools(pools, waits=False)
    freed = await reservations.free_expired(pools - locked)
    await reservations.write()
    return freed
