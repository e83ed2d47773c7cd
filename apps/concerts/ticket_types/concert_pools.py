"""The pools that a concert's ticket types take from, and which of these is the hall.

Several types share a pool ("three types over one hall"), and some have one of their own besides ("of these 50 VIP").
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.repositories import TICKET_TYPES
from apps.core.db.bulk import among
from apps.inventory.levels import Level
from apps.inventory.services import POOLS
from apps.orders.offers.pools import rename_pools
from apps.orders.repositories import ALLOCATIONS, OFFERS


@dataclass(frozen=True, slots=True)
class ConcertPool:
    id: UUID
    name: str
    capacity: int
    reserved: int


@dataclass(frozen=True, slots=True)
class ConcertPools:
    """`allocations`: ticket type → pool → units; types that nothing is counted for are not among them."""

    pools: dict[UUID, ConcertPool] = field(default_factory=dict)
    allocations: dict[UUID, dict[UUID, int]] = field(default_factory=dict)

    @property
    def outer(self) -> list[ConcertPool]:
        """Those that are no part of another one, so that their sum counts every place once."""
        return [pool for pool in self.pools.values() if not any(self._is_part(pool, of) for of in self.pools.values())]

    @property
    def hall(self) -> ConcertPool | None:
        """What every counted type takes one place of, where there is such a pool."""
        outer = self.outer
        if len(outer) != 1 or any(allocation[outer[0].id] != 1 for allocation in self.allocations.values()):
            return None
        return outer[0]

    def own(self, ticket_type: UUID) -> ConcertPool | None:
        """The one that only this type takes a place of, besides the hall."""
        allocation, hall = self.allocations.get(ticket_type, {}), self.hall
        own = [pool for pool, units in allocation.items() if units == 1 and len(self._takers(pool)) == 1]
        found = [self.pools[pool] for pool in own if hall is None or pool != hall.id]
        return found[0] if len(found) == 1 else None

    def left(self, ticket_type: UUID) -> int | None:
        """How many more of it there can be; None when nothing is counted."""
        pools = [(self.pools[pool], units) for pool, units in self.allocations.get(ticket_type, {}).items()]
        return min(((pool.capacity - pool.reserved) // units for pool, units in pools), default=None)

    def _is_part(self, pool: ConcertPool, of: ConcertPool) -> bool:
        inner, outer = self._takers(pool.id), self._takers(of.id)
        return inner < outer or (inner == outer and (pool.capacity, pool.id) < (of.capacity, of.id))

    def _takers(self, pool: UUID) -> set[UUID]:
        return {ticket_type for ticket_type, allocation in self.allocations.items() if pool in allocation}


def count(pools: Iterable[ConcertPool], held: Mapping[UUID, int]) -> Level:
    """`held`: units by pool (apps.orders.held_units)."""
    pools = list(pools)
    in_carts = sum(held.get(pool.id, 0) for pool in pools)
    return Level(sum(pool.capacity for pool in pools), in_carts, sum(pool.reserved for pool in pools) - in_carts)


async def concert_pools_of(session: AsyncSession, concerts: Collection[UUID]) -> dict[UUID, ConcertPools]:
    """By concert, of the ticket types that are not archived: one query."""
    pool = (POOLS.c.name, POOLS.c.capacity, POOLS.c.reserved)
    found = (
        select(TICKET_TYPES.c.concert_id, ALLOCATIONS, *pool)
        .join(ALLOCATIONS, ALLOCATIONS.c.offer_id == TICKET_TYPES.c.offer_id)
        .join(OFFERS, OFFERS.c.id == TICKET_TYPES.c.offer_id)
        .join(POOLS, POOLS.c.id == ALLOCATIONS.c.pool_id)
        .where(among(TICKET_TYPES.c.concert_id, concerts), OFFERS.c.archived_at.is_(None))
        .order_by(TICKET_TYPES.c.position, OFFERS.c.id, POOLS.c.id)
    )
    pools = {concert: ConcertPools() for concert in concerts}
    for row in await session.execute(found):
        of = pools[row.concert_id]
        of.pools[row.pool_id] = ConcertPool(row.pool_id, row.name, row.capacity, row.reserved)
        of.allocations.setdefault(row.offer_id, {})[row.pool_id] = row.units
    return pools


async def rename_concert_pools(session: AsyncSession, concert_labels: Mapping[UUID, tuple[str, str]]) -> None:
    """By concert, what it was known as and is from now on: its pools follow. Three statements, if anything differs."""
    moved = {concert: names for concert, names in concert_labels.items() if names[0] != names[1]}
    types = select(TICKET_TYPES.c.offer_id, TICKET_TYPES.c.concert_id).where(among(TICKET_TYPES.c.concert_id, moved))
    if moved:
        await rename_pools(session, {offer: moved[concert] for offer, concert in await session.execute(types)})
