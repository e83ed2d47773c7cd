"""What becomes of holds in the end: they are sold, given back, or run out."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.inventory.ledger import HAS_RUN_OUT, HOLDS, Ledger
from apps.inventory.models import HoldState


async def mark_sold(connection: AsyncConnection, owner: UUID) -> None:
    """The owner has paid; no pool is touched, and nobody's share counts it any more."""
    mine = update(HOLDS).where(HOLDS.c.owner_id == owner)
    sold = mine.values(state=HoldState.sold, expires_at=None, network=None)
    await connection.execute(sold)


async def release_owner(connection: AsyncConnection, owner: UUID) -> None:
    """Free everything `owner` holds."""
    ledger = Ledger(connection)
    await ledger.load_holds([owner])
    await ledger.lock_pools(ledger.pools_of(ledger.items))
    ledger.release(list(ledger.items))
    await ledger.write()


async def release_expired(connection: AsyncConnection) -> int:
    """Free holds that ran out; returns how many. Pools and holds that others work on are left to them."""
    pools = set(await connection.scalars(select(HOLDS.c.pool_id).where(HAS_RUN_OUT).distinct()))
    ledger = Ledger(connection)
    locked = await ledger.lock_pools(pools, waits=False)
    freed = await ledger.free_expired(pools - locked)
    await ledger.write()
    return freed
