"""The tickets that one order holds of a concert that was cancelled come back, and their money with them."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.box_office.ticket_orders import lines_left
from apps.checkout.refunds.refund import refund
from apps.checkout.refunds.scope import Lines
from apps.orders.models import OrderDispute
from apps.orders.repositories import ORDER_LINES, ORDERS, OrderRepository

REASON = "The concert was cancelled."


async def return_tickets(session: AsyncSession, order_id: UUID, concert_id: UUID, *, actor: str) -> None:
    """What is left of them when the order is locked; a repeat changes nothing.

    While a bank decides about the money nothing is returned: who asks again later takes it up.
    """
    order = await OrderRepository(session=session).lock(order_id)
    if order.dispute is OrderDispute.open:
        return
    mine = lines_left(concert_id, ORDER_LINES.c.id).where(ORDERS.c.id == order.id)
    if lines := (await session.scalars(mine)).all():
        await refund(session, order.id, Lines(lines), key=return_key(concert_id), reason=REASON, actor=actor)


def return_key(concert_id: UUID) -> str:
    """Names the refund among those of an order."""
    return f"called-off:{concert_id}"
