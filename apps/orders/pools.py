"""Pools in the archive: none of them is in the recipe of something that is on sale."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.archive import archive
from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.inventory.models import Pool
from apps.orders.models import Offer, OfferPool


class PoolInUse(AppError):
    """`offer`: one that takes from the pool."""

    status = 409
    type = "pool-in-use"
    message = _("Something that is on sale takes from this pool.")


async def archive_pool(session: AsyncSession, pool: Pool, *, actor: str) -> None:
    """The pool is locked. Raises PoolInUse."""
    takers = select(OfferPool.offer_id).join(Offer, Offer.id == OfferPool.offer_id)
    offer: UUID | None = await session.scalar(takers.where(OfferPool.pool_id == pool.id, Offer.active).limit(1))
    if offer is not None:
        raise PoolInUse(offer=offer)
    await archive(session, pool, action="inventory.archive_pool", actor=actor)
