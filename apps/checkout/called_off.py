"""Orders that hold tickets of concerts which were called off."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, ConcertState, TicketType
from apps.orders.models import Order, OrderLine, OrderState


async def pending_orders(session: AsyncSession, concert_id: UUID) -> list[UUID]:
    """Those that hold tickets of the concert and wait for their payment."""
    found = _orders_with_tickets().where(TicketType.concert_id == concert_id, Order.state == OrderState.pending)
    return list(await session.scalars(found.distinct()))


async def is_called_off(session: AsyncSession, order_id: UUID) -> bool:
    """Whether the order holds a ticket of a concert that will not take place."""
    concerts = _orders_with_tickets().join(Concert, Concert.id == TicketType.concert_id)
    found = concerts.where(Order.id == order_id, Concert.state == ConcertState.cancelled)
    return await session.scalar(found.limit(1)) is not None


def _orders_with_tickets() -> Select[tuple[UUID]]:
    lines = select(Order.id).join(OrderLine, OrderLine.order_id == Order.id)
    return lines.join(TicketType, TicketType.offer_id == OrderLine.offer_id)
