"""What was sold of concerts: tickets, orders and money."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Ticket, TicketState
from apps.concerts.repositories import TICKET_TYPES
from apps.orders.models import OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS


@dataclass(frozen=True, slots=True)
class ConcertSales:
    """Of tickets that are valid; `money` is minor units by currency, without what was paid back for single pieces."""

    tickets: int
    orders: int
    money: Mapping[str, int]


async def sales_of(session: AsyncSession, concerts: Collection[UUID]) -> Mapping[UUID, ConcertSales]:
    """Of each, in two queries."""
    valid = select(Ticket.concert_id, func.count(), func.count(Ticket.order_id.distinct())).where(
        Ticket.concert_id.in_(concerts), Ticket.state == TicketState.valid
    )
    counts = {row[0]: (row[1], row[2]) for row in await session.execute(valid.group_by(Ticket.concert_id))}
    money: dict[UUID, dict[str, int]] = {concert: {} for concert in concerts}
    for concert, currency, amount in await session.execute(_money_of(concerts)):
        money[concert][currency] = amount
    return {concert: ConcertSales(*counts.get(concert, (0, 0)), money[concert]) for concert in concerts}


def _money_of(concerts: Collection[UUID]) -> Select[Any]:
    kept = (ORDER_LINES.c.quantity - ORDER_LINES.c.refunded_quantity) * ORDER_LINES.c.unit_price
    return (
        select(TICKET_TYPES.c.concert_id, ORDERS.c.currency, func.sum(kept))
        .join(ORDER_LINES, ORDER_LINES.c.order_id == ORDERS.c.id)
        .join(TICKET_TYPES, TICKET_TYPES.c.offer_id == ORDER_LINES.c.offer_id)
        .where(TICKET_TYPES.c.concert_id.in_(concerts), ORDERS.c.state == OrderState.paid)
        .group_by(TICKET_TYPES.c.concert_id, ORDERS.c.currency)
    )


async def sold_by_type(session: AsyncSession, concert: UUID) -> Mapping[UUID, int]:
    """Valid tickets by ticket type."""
    valid = select(Ticket.ticket_type_id, func.count()).where(
        Ticket.concert_id == concert, Ticket.state == TicketState.valid
    )
    return dict((await session.execute(valid.group_by(Ticket.ticket_type_id))).tuples().all())
