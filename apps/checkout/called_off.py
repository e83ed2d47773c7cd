"""Orders that hold tickets of a concert, for when it is called off."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, ConcertState
from apps.concerts.repositories import TICKET_TYPES
from apps.orders.models import OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS

PIECES_LEFT = ORDER_LINES.c.quantity - ORDER_LINES.c.refunded_quantity
TICKET_LINES = ORDERS.join(ORDER_LINES, ORDER_LINES.c.order_id == ORDERS.c.id).join(
    TICKET_TYPES, TICKET_TYPES.c.offer_id == ORDER_LINES.c.offer_id
)


async def pending_orders(session: AsyncSession, concert_id: UUID) -> list[UUID]:
    """Those that hold tickets of the concert and wait for their payment."""
    found = ticket_lines(concert_id, ORDERS.c.id).where(ORDERS.c.state == OrderState.pending)
    return list(await session.scalars(found.distinct()))


async def paid_orders(session: AsyncSession, concert_id: UUID) -> list[UUID]:
    """Those whose tickets of the concert are valid, or are about to be made."""
    return list(await session.scalars(lines_left(concert_id, ORDERS.c.id).distinct()))


def lines_left(concert_id: UUID, *columns: Any) -> Select[Any]:
    """Lines of paid orders, of which not all tickets came back."""
    return ticket_lines(concert_id, *columns).where(ORDERS.c.state == OrderState.paid, PIECES_LEFT > 0)


def ticket_lines(concert_id: UUID, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(TICKET_LINES).where(TICKET_TYPES.c.concert_id == concert_id)


async def is_called_off(session: AsyncSession, order_id: UUID) -> bool:
    """Whether a concert that the order has tickets of will not take place; none is called off until the end of this."""
    concerts = select(TICKET_TYPES.c.concert_id).select_from(TICKET_LINES).where(ORDERS.c.id == order_id)
    states = select(Concert.state).where(Concert.id.in_(concerts)).order_by(Concert.id)
    return ConcertState.cancelled in (await session.scalars(states.with_for_update(read=True))).all()
