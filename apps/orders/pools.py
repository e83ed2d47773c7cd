"""Pools in the archive: no recipe of what is not archived itself has one, so that nothing sells out of the archive.

Who puts pools into a recipe locks their keys, which conflicts with archiving them and not with selling.
"""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.archive import archive
from apps.core.bulk import among
from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.inventory.models import Pool
from apps.inventory.services import POOLS
from apps.orders.models import Offer, OfferPool


class PoolInUse(AppError):
    """`offer`: one that takes from the pool."""

    status = 409
    type = "pool-in-use"
    message = _("Something that is not in the archive takes from this pool.")


class PoolArchived(AppError):
    """`pools`: those of the recipe that are in the archive."""

    status = 409
    type = "pool-archived"
    message = _("This takes from a pool in the archive. Restore the pool first.")


async def archive_pool(session: AsyncSession, pool: Pool, *, actor: str) -> None:
    """Raises PoolInUse."""
    await session.refresh(pool, ["archived_at"], with_for_update=True)
    takers = select(OfferPool.offer_id).join(Offer, Offer.id == OfferPool.offer_id)
    in_use = takers.where(OfferPool.pool_id == pool.id, Offer.archived_at.is_(None))
    offer: UUID | None = await session.scalar(in_use.limit(1))
    if offer is not None:
        raise PoolInUse(offer=offer)
    await archive(session, pool, action="inventory.archive_pool", actor=actor)


async def archive_unused(session: AsyncSession, pools: Collection[UUID], *, actor: str) -> None:
    """Of these pools the ones that nothing takes from any more."""
    for pool in await session.scalars(select(Pool).where(among(POOLS.c.id, pools)).order_by(Pool.id)):
        with suppress(PoolInUse):
            await archive_pool(session, pool, actor=actor)


async def refuse_archived_pools(session: AsyncSession, offer: Offer) -> None:
    """Before the offer, loaded with its recipe, is restored. Raises PoolArchived."""
    if missing := await missing_pools(session, [each.pool_id for each in offer.recipe]):
        raise PoolArchived(pools=[str(pool) for pool in missing])


async def missing_pools(session: AsyncSession, wanted: Collection[UUID]) -> list[UUID]:
    """Those that there are not, or only in the archive; the others are not archived until the transaction ends."""
    found = select(Pool.id).where(among(POOLS.c.id, wanted), Pool.archived_at.is_(None)).order_by(Pool.id)
    locked = found.with_for_update(read=True, key_share=True)
    known = set(await session.scalars(locked)) if wanted else set()
    return [pool for pool in wanted if pool not in known]
