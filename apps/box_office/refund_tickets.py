"""All tickets of a concert that was cancelled are refunded, each order by itself; what else it holds stays."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.box_office.jobs import refund_tickets
from apps.box_office.return_tickets import return_key
from apps.box_office.schemas import RefundsInCurrencyOut, TicketRefundsOut
from apps.box_office.ticket_holders import send_notice
from apps.box_office.ticket_orders import PIECES_LEFT, paid_orders, ticket_lines
from apps.concerts.models import Concert, ConcertState
from apps.concerts.scheduling.services import WrongConcertState
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderRefund, OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS
from apps.payments.models import RefundState
from apps.payments.repositories import REFUNDS

ORDER_REFUNDS = OrderRefund.table()


class NoTicketsLeft(AppError):
    status = 409
    type = "no-tickets-left"
    message = _("Nobody has tickets of this concert any more: there is nothing to refund.")


async def refund_all_tickets(session: AsyncSession, concert: Concert, *, actor: str) -> None:
    """Begins it; the holders hear that the concert is cancelled before their tickets are taken back.

    The concert is locked. Asked for again, it takes up what is left. Raises WrongConcertState, NoTicketsLeft.
    """
    if concert.state is not ConcertState.cancelled:
        raise WrongConcertState(state=concert.state)
    orders = await paid_orders(session, concert.id)
    if not orders:
        raise NoTicketsLeft
    await send_notice(session, concert)
    refunds = (refund_tickets.call(order_id=order, concert_id=concert.id, actor=actor) for order in orders)
    await enqueue(session, *refunds)
    record(session, "concerts.refund_tickets", concert, actor=actor, after={"orders": len(orders)})


async def ticket_refunds(session: AsyncSession, concert_id: UUID) -> TicketRefundsOut:
    """How far it is: one query."""
    each = _money_of_orders(concert_id).subquery()
    has_none = each.c.pieces_left == 0
    found = select(
        each.c.currency,
        func.count().filter(each.c.pieces_left > 0).label("orders_left"),
        _sum(each.c.left).label("amount_left"),
        func.count().filter(has_none, each.c.unsent == 0).label("orders_refunded"),
        _sum(each.c.promised - each.c.unsent).label("amount_refunded"),
        func.count().filter(has_none, each.c.unsent > 0).label("orders_failed"),
        _sum(each.c.unsent).label("amount_failed"),
    )
    rows = await session.execute(found.group_by(each.c.currency).order_by(each.c.currency))
    currencies = [msgspec.convert(row, RefundsInCurrencyOut, from_attributes=True) for row in rows]
    return TicketRefundsOut(concert=concert_id, currencies=currencies)


def _money_of_orders(concert_id: UUID) -> Select[Any]:
    """What each order would still get for its tickets, what it was promised, and what of that could not be sent."""
    orders = ticket_lines(
        concert_id,
        ORDERS.c.id,
        ORDERS.c.currency,
        (ORDERS.c.total - ORDERS.c.refunded).label("kept"),
        _sum(PIECES_LEFT).label("pieces_left"),
        _sum(PIECES_LEFT * ORDER_LINES.c.unit_price).label("price"),
    )
    paid = ORDERS.c.state.in_([OrderState.paid, OrderState.refunded])
    each = orders.where(paid).group_by(ORDERS.c.id).subquery()
    returned = and_(ORDER_REFUNDS.c.order_id == each.c.id, ORDER_REFUNDS.c.key == return_key(concert_id))
    refunds = each.outerjoin(ORDER_REFUNDS, returned).outerjoin(REFUNDS, REFUNDS.c.id == ORDER_REFUNDS.c.refund_id)
    return select(
        each.c.currency,
        each.c.pieces_left,
        func.least(each.c.price, each.c.kept).label("left"),
        func.coalesce(REFUNDS.c.amount, 0).label("promised"),
        _unsent().label("unsent"),
    ).select_from(refunds)


def _unsent() -> ColumnElement[int]:
    """What of a refund that failed no later one has made up for."""
    later = REFUNDS.alias()
    same = (later.c.payment_id == REFUNDS.c.payment_id) & (later.c.id > REFUNDS.c.id)
    sent = select(func.coalesce(func.sum(later.c.amount), 0)).where(same, later.c.state != RefundState.failed)
    rest = func.greatest(REFUNDS.c.amount - sent.scalar_subquery(), 0)
    return case((REFUNDS.c.state == RefundState.failed, rest), else_=0)


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    """As an integer: sums of integers are decimals."""
    return cast(func.sum(column), BigInteger)
