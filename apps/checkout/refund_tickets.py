"""All tickets of a concert that was called off are refunded, each order by itself; what else it holds stays."""

from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.called_off import PIECES_LEFT, lines_left, paid_orders, ticket_lines
from apps.checkout.events import TicketsReturned
from apps.checkout.holders import tell_holders
from apps.checkout.refund import Lines, refund
from apps.checkout.staff_schemas import RefundsInCurrencyOut, TicketRefundsOut
from apps.concerts.models import Concert, ConcertState
from apps.concerts.services import WrongConcertState
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.i18n import lazy as _
from apps.orders.models import OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS, OrderRepository

REASON = "The concert was called off."


class NoTicketsLeft(AppError):
    status = 409
    type = "no-tickets-left"
    message = _("Nobody has tickets of this concert any more: there is nothing to refund.")


async def refund_all_tickets(session: AsyncSession, concert: Concert, *, actor: str) -> None:
    """Begins it; the holders hear that the concert is called off before their tickets are taken back.

    The concert is locked. Asked for again, it takes up what is left. Raises WrongConcertState, NoTicketsLeft.
    """
    if concert.state is not ConcertState.cancelled:
        raise WrongConcertState(state=concert.state)
    orders = await paid_orders(session, concert.id)
    if not orders:
        raise NoTicketsLeft
    await tell_holders(session, concert)
    await publish(session, *(TicketsReturned(order, concert.id, actor) for order in orders))
    record(session, "concerts.refund_tickets", concert, actor=actor, after={"orders": len(orders)})


async def refund_tickets_of_order(session: AsyncSession, order_id: UUID, concert_id: UUID, *, actor: str) -> None:
    """What is left of them when the order is locked; a repeat changes nothing."""
    order = await OrderRepository(session=session).lock(order_id)
    mine = lines_left(concert_id, ORDER_LINES.c.id).where(ORDERS.c.id == order.id)
    if lines := (await session.scalars(mine)).all():
        await refund(session, order.id, Lines(lines), key=f"called-off:{concert_id}", reason=REASON, actor=actor)


async def ticket_refunds(session: AsyncSession, concert_id: UUID) -> TicketRefundsOut:
    """How far it is: one query."""
    orders = ticket_lines(
        concert_id,
        ORDERS.c.currency,
        _sum(PIECES_LEFT).label("pieces_left"),
        _sum(PIECES_LEFT * ORDER_LINES.c.unit_price).label("left"),
        _sum(ORDER_LINES.c.refunded_quantity * ORDER_LINES.c.unit_price).label("back"),
    )
    paid = ORDERS.c.state.in_([OrderState.paid, OrderState.refunded])
    each = orders.where(paid).group_by(ORDERS.c.id).subquery()
    found = select(
        each.c.currency,
        func.count().filter(each.c.pieces_left > 0).label("orders_left"),
        _sum(each.c.left).label("amount_left"),
        func.count().filter(each.c.pieces_left == 0).label("orders_refunded"),
        _sum(each.c.back).label("amount_refunded"),
    )
    rows = await session.execute(found.group_by(each.c.currency).order_by(each.c.currency))
    currencies = [msgspec.convert(row, RefundsInCurrencyOut, from_attributes=True) for row in rows]
    return TicketRefundsOut(concert=concert_id, currencies=currencies)


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    """As an integer: sums of integers are decimals."""
    return cast(func.sum(column), BigInteger)
