"""Deleting offers that were made by mistake. What was ordered, or lies in a cart, is archived instead."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.bulk import among
from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.orders.pools import archive_unused
from apps.orders.repositories import CART_LINES, OFFERS, ORDER_LINES, RECIPES


class AlreadyOrdered(AppError):
    status = 409
    type = "already-ordered"
    message = _("This was ordered, or lies in somebody's cart. It cannot be deleted; archive it.")


async def delete_offers(session: AsyncSession, offers: Collection[UUID], *, actor: str) -> None:
    """What is above them is locked. Pools that nothing else takes from are archived. Raises AlreadyOrdered."""
    ordered = exists(ORDER_LINES.select().where(among(ORDER_LINES.c.offer_id, offers)))
    in_cart = exists(CART_LINES.select().where(among(CART_LINES.c.offer_id, offers)))
    if await session.scalar(select(or_(ordered, in_cart))):
        raise AlreadyOrdered
    pools = (await session.scalars(select(RECIPES.c.pool_id).where(among(RECIPES.c.offer_id, offers)))).all()
    await session.execute(delete(OFFERS).where(among(OFFERS.c.id, offers)))
    await archive_unused(session, pools, actor=actor)
