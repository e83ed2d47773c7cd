"""All tickets of a concert that was cancelled are refunded, each order by itself; what else it holds stays."""

from sqlalchemy.ext.asyncio import AsyncSession

from apps.box_office.jobs import refund_tickets
from apps.box_office.ticket_holders import send_notice
from apps.box_office.ticket_orders import paid_orders
from apps.concerts.models import Concert, ConcertState
from apps.concerts.scheduling.services import WrongConcertState
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _


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
