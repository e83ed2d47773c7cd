"""Staff say of an order that its money has come, by a transfer or in cash, or that they gave some back."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.orders.repositories import OrderRepository
from apps.payments.offline import services


async def receive(session: AsyncSession, order_id: UUID, *, amount: int, note: str, actor: str) -> None:
    """It is paid a moment later, if the amount is right. Raises NotToReceive."""
    order = await OrderRepository(session=session).lock(order_id)
    payment = await services.lock_payment_to_receive(session, order.id)
    await services.receive(session, payment, amount=amount, note=note, actor=actor)


async def refunds_sent(session: AsyncSession, order_id: UUID, *, actor: str) -> None:
    """All that wait to be sent by hand; with none nothing changes."""
    order = await OrderRepository(session=session).lock(order_id)
    for payment in await services.lock_payments_taken(session, order.id):
        await services.refunds_sent(session, payment, actor=actor)
