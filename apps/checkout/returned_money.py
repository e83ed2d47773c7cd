"""Why money that came for an order went back whole, in a sentence for the customer."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.payments.repositories import PAYMENTS, REFUNDS

TOO_LITTLE = _("Your payment for order {number} was less than its total of {total}, so it does not pay the order.")
TOO_MUCH = _("Your payment for order {number} was more than its total of {total}, so it does not pay the order.")
TWICE = _("Order {number} was already paid when another payment for it reached us.")
TOO_LATE = _("Your payment for order {number} reached us when the order could no longer be served.")


async def why_returned(connection: AsyncConnection, order: Any, refund_id: UUID) -> str:
    """From the order's columns, in its language."""
    paid_by = select(PAYMENTS.c.id, PAYMENTS.c.captured).join(REFUNDS, REFUNDS.c.payment_id == PAYMENTS.c.id)
    payment = (await connection.execute(paid_by.where(REFUNDS.c.id == refund_id))).one()
    total = format_money(order.total, order.currency, locale=order.locale)
    return _reason(order, payment).in_locale(order.locale).format(number=order.number, total=total)


def _reason(order: Any, payment: Any) -> Lazy:
    if payment.captured < order.total:
        return TOO_LITTLE
    if payment.captured > order.total:
        return TOO_MUCH
    is_paid_by_another = order.payment_id is not None and order.payment_id != payment.id
    return TWICE if is_paid_by_another else TOO_LATE
