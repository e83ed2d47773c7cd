"""Names of the pools that offers take from."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.bulk import among
from apps.inventory.services import POOLS
from apps.orders.repositories import ALLOCATIONS


async def pool_names(session: AsyncSession, offers: Collection[UUID]) -> Mapping[UUID, str]:
    """One statement."""
    of_offers = select(ALLOCATIONS.c.pool_id).where(among(ALLOCATIONS.c.offer_id, offers))
    found = select(POOLS.c.id, POOLS.c.name).where(POOLS.c.id.in_(of_offers))
    return dict((await session.execute(found)).tuples().all())
