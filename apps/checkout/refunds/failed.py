"""Refunds that the provider could not send."""

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.orders.repositories import OrderRepository
from apps.payments.repositories import RefundRepository

log = structlog.get_logger(__name__)


async def note_failed_refund(session: AsyncSession, order_id: UUID, *, refund_id: UUID) -> None:
    """The provider could not send the money: it is still ours, and a person has to see to it, by another refund.

    A repeat changes nothing but the audit log.
    """
    log.error("refund.failed", order=str(order_id), refund=str(refund_id))
    order = await OrderRepository(session=session).lock(order_id)
    before = order.refunded
    if order.payment_id is not None:
        order.refunded = await RefundRepository(session=session).promised(order.payment_id)
    after = {"refunded": order.refunded, "refund": str(refund_id)}
    record(session, "orders.refund_failed", order, before={"refunded": before}, after=after)
