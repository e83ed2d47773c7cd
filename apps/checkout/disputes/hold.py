"""An order is held up while its payment is disputed, for good when the dispute is lost, and let go when it is won."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.disputes.staff_mail import tell_staff
from apps.core.audit import record
from apps.core.events import publish
from apps.orders.events import OrderDisputeChanged
from apps.orders.models import OrderDispute
from apps.orders.repositories import OrderRepository
from apps.payments.disputes import worst_dispute
from apps.payments.models import ACTIVE, Payment, PaymentState
from apps.payments.repositories import PaymentRepository

SOON = timedelta(minutes=5)


async def hold_or_release(session: AsyncSession, order_id: UUID, *, payment_id: UUID) -> timedelta | None:
    """What the disputes of its payment say by now, in whatever order they were told; a repeat changes nothing.

    Returns how long to wait before looking again, where the order has not taken the money yet.
    """
    order = await OrderRepository(session=session).lock(order_id)
    if order.payment_id != payment_id:
        payment = await PaymentRepository(session=session).get(payment_id)
        return SOON if _may_be_taken(payment) else None
    worst = await worst_dispute(session, payment_id)
    dispute = OrderDispute(worst) if worst else None
    if dispute == order.dispute:
        return None
    before, order.dispute = order.dispute, dispute
    record(
        session,
        "orders.hold" if dispute else "orders.release",
        order,
        before={"dispute": before},
        after={"dispute": dispute},
    )
    await session.flush()
    await publish(session, OrderDisputeChanged(order.id))
    await tell_staff(session, order)
    return None


def _may_be_taken(payment: Payment) -> bool:
    return payment.state in ACTIVE or (payment.state is PaymentState.confirmed and payment.settled_at is None)
