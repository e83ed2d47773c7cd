"""Deleting offers that were made by mistake. What was ordered, or lies in a cart, is archived instead."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.bulk import among
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.inventory.services import POOLS
from apps.orders.offers.pools import archive_unused
from apps.orders.repositories import ALLOCATIONS, OFFERS


class AlreadyOrdered(AppError):
    status = 409
    type = "already-ordered"
    message = _("This was ordered, or lies in somebody's cart. It cannot be deleted; archive it.")


async def delete_offers(session: AsyncSession, offers: Collection[UUID], *, actor: str) -> None:
    """What is above them is locked. Pools that nothing else takes from are archived. Raises AlreadyOrdered."""
    pools = await _lock_pools(session, offers)  # before the offers, as who buys has them
    try:
        await session.execute(delete(OFFERS).where(among(OFFERS.c.id, offers)))
    except IntegrityError:
        raise AlreadyOrdered from None
    await archive_unused(session, pools, actor=actor)


async def _lock_pools(session: AsyncSession, offers: Collection[UUID]) -> Sequence[UUID]:
    """Those that the offers take from: nobody takes from them until the transaction ends."""
    pools = select(ALLOCATIONS.c.pool_id).where(among(ALLOCATIONS.c.offer_id, offers))
    found = select(POOLS.c.id).where(POOLS.c.id.in_(pools)).order_by(POOLS.c.id)
    return (await session.scalars(found.with_for_update())).all()
