"""Pools in the archive: no allocation of what is not archived itself has one, so that nothing sells out of the archive.

Who puts pools into an allocation locks their keys, which conflicts with archiving them and not with selling.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.archive import archive
from apps.core.db.bulk import among, update_rows
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.inventory.models import Pool
from apps.inventory.services import POOLS
from apps.orders.models import Offer, OfferPool
from apps.orders.repositories import ALLOCATIONS


class PoolInUse(AppError):
    """`offer`: one that takes from the pool."""

    status = 409
    type = "pool-in-use"
    message = _("Something that is not archived uses this pool.")


class PoolArchived(AppError):
    """`pools`: those of the allocation that are in the archive."""

    status = 409
    type = "pool-archived"
    message = _("This uses an archived pool. Restore the pool first.")


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


async def rename_pools(session: AsyncSession, names: Mapping[UUID, tuple[str, str]]) -> None:
    """By offer, what its pools were named after, and are from now on; those that staff called otherwise stay.

    Two statements, if anything differs; the pools are locked in their order.
    """
    renamed = {offer: each for offer, each in names.items() if each[0] != each[1]}
    if not renamed:
        return
    found = select(ALLOCATIONS.c.offer_id, POOLS.c.id, POOLS.c.name).join(POOLS, POOLS.c.id == ALLOCATIONS.c.pool_id)
    of_offers = found.where(among(ALLOCATIONS.c.offer_id, renamed)).order_by(POOLS.c.id)
    new_names = {}
    for row in await session.execute(of_offers.with_for_update(of=POOLS, key_share=True)):
        old, new = renamed[row.offer_id]
        if name := name_after(row.name, old=old, new=new):
            new_names[row.id] = name[:200]
    rows = [{"id": id, "name": name} for id, name in new_names.items()]
    await update_rows(await session.connection(), POOLS, rows)


def name_after(name: str, *, old: str, new: str) -> str | None:
    """What a pool is called once the thing that it is named after is; None when staff called it otherwise."""
    named_after = name == old or name.startswith(f"{old}:")
    return new + name.removeprefix(old) if named_after else None


async def refuse_archived_pools(session: AsyncSession, offer: Offer) -> None:
    """Before the offer, loaded with its allocation, is restored. Raises PoolArchived."""
    if missing := await missing_pools(session, [each.pool_id for each in offer.allocation]):
        raise PoolArchived(pools=[str(pool) for pool in missing])


async def missing_pools(session: AsyncSession, wanted: Collection[UUID]) -> list[UUID]:
    """Those that there are not, or only in the archive; the others are not archived until the transaction ends."""
    found = select(Pool.id).where(among(POOLS.c.id, wanted), Pool.archived_at.is_(None)).order_by(Pool.id)
    locked = found.with_for_update(read=True, key_share=True)
    known = set(await session.scalars(locked)) if wanted else set()
    return [pool for pool in wanted if pool not in known]
