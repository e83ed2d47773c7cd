"""A paid order is handed over, each line by the app of its kind."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import apps.concerts.delivery
import apps.shop.delivery
from apps.core.db.database import now
from apps.core.events import publish
from apps.inventory.release import mark_sold
from apps.orders.events import OrderDelivered
from apps.orders.models import OfferKind, Order, OrderLine, OrderState
from apps.orders.repositories import OrderRepository


class Delivery(Protocol):
    """What the app of a kind does for lines of its kind, under the order's lock."""

    async def deliver(self, session: AsyncSession, order: Order, lines: Sequence[OrderLine]) -> None: ...

    async def take_back(self, session: AsyncSession, line: OrderLine, quantity: int) -> int:
        """Undo the delivery of `quantity` pieces; returns how many of them can be sold again."""


KINDS: dict[OfferKind, Delivery] = {OfferKind.merch: apps.shop.delivery, OfferKind.ticket: apps.concerts.delivery}


async def deliver(session: AsyncSession, order_id: UUID) -> None:
    """Once: under the order's lock, a second run finds it delivered."""
    orders = OrderRepository(session=session)
    order = await orders.lock(order_id)
    if order.state is not OrderState.paid or order.delivered_at is not None:
        return
    await mark_sold(await session.connection(), order.id)
    lines = await orders.lines(order.id)
    for kind, app in KINDS.items():
        if mine := [line for line in lines if line.kind is kind]:
            await app.deliver(session, order, mine)
    order.delivered_at = await now(session)
    await publish(session, OrderDelivered(order.id))
