"""A paid order is handed over, each line by the app of its kind."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.database import now
from apps.core.events import publish
from apps.inventory.release import mark_sold
from apps.orders.events import OrderDelivered
from apps.orders.kinds.fulfilment import fulfilments_of
from apps.orders.models import OrderState
from apps.orders.repositories import OrderRepository


async def deliver(session: AsyncSession, order_id: UUID) -> None:
    """Once: under the order's lock, a second run finds it delivered."""
    orders = OrderRepository(session=session)
    order = await orders.lock(order_id)
    if order.state is not OrderState.paid or order.delivered_at is not None:
        return
    await mark_sold(await session.connection(), order.id)
    lines = await orders.lines(order.id)
    for each in fulfilments_of(lines):
        await each.deliver(session, order, [line for line in lines if line.kind == each.kind])
    order.delivered_at = await now(session)
    await publish(session, OrderDelivered(order.id))
