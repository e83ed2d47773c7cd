"""What was sold of concerts: tickets, orders and money."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Ticket, TicketState
from apps.concerts.repositories import TICKET_TYPES
from apps.orders.models import OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS


@dataclass(frozen=True, slots=True)
class Takings:
    """Of tickets that are valid; `money` is minor units by currency, without what was paid back for single pieces."""

    tickets: int
    orders: int
    money: Mapping[str, int]


async def takings_of(session: AsyncSession, concert: UUID) -> Takings:
    """Two queries."""
    valid = select(func.count(), func.count(Ticket.order_id.distinct())).where(
        Ticket.concert_id == concert, Ticket.state == TicketState.valid
    )
    tickets, orders = (await session.execute(valid)).one()
    kept = (ORDER_LINES.c.quantity - ORDER_LINES.c.refunded_quantity) * ORDER_LINES.c.unit_price
    money = (
        select(ORDERS.c.currency, func.sum(kept))
        .join(ORDER_LINES, ORDER_LINES.c.order_id == ORDERS.c.id)
        .join(TICKET_TYPES, TICKET_TYPES.c.offer_id == ORDER_LINES.c.offer_id)
        .where(TICKET_TYPES.c.concert_id == concert, ORDERS.c.state == OrderState.paid)
        .group_by(ORDERS.c.currency)
    )
    return Takings(tickets, orders, dict((await session.execute(money)).tuples().all()))


async def sold_by_type(session: AsyncSession, concert: UUID) -> Mapping[UUID, int]:
    """Valid tickets by ticket type."""
    valid = select(Ticket.ticket_type_id, func.count()).where(
        Ticket.concert_id == concert, Ticket.state == TicketState.valid
    )
    return dict((await session.execute(valid.group_by(Ticket.ticket_type_id))).tuples().all())
