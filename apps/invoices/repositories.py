"""Named queries over invoices, and over what is needed to write them."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among
from apps.invoices.models import Invoice, InvoiceRequest, InvoiceSeries
from apps.orders.models import OrderRefund, OrderRefundLine
from apps.orders.repositories import OFFERS, ORDER_LINES, ORDERS

INVOICES = Invoice.table()
REQUESTS = InvoiceRequest.table()
SERIES = InvoiceSeries.table()
REFUNDS, REFUND_LINES = OrderRefund.table(), OrderRefundLine.table()


def invoices_of(order_ids: Collection[UUID]) -> Select[Any]:
    """Each invoice before its credit notes."""
    return select(INVOICES).where(among(INVOICES.c.order_id, order_ids)).order_by(INVOICES.c.created_at, INVOICES.c.id)


async def invoices_of_order(connection: AsyncConnection, order_id: UUID) -> Sequence[Row[Any]]:
    return (await connection.execute(invoices_of([order_id]))).all()


def numbers_of_invoices() -> ColumnElement[list[str]]:
    """Of an order in an outer statement, the oldest first: `invoices`."""
    found = select(INVOICES.c.number).where(INVOICES.c.order_id == ORDERS.c.id).order_by(INVOICES.c.created_at)
    return func.array(found.correlate(ORDERS).scalar_subquery()).label("invoices")


def waiting_requests(limit: int) -> Select[Any]:
    """Locked; those with a problem come last. Another worker takes others."""
    found = select(REQUESTS).order_by(REQUESTS.c.problem.is_not(None), REQUESTS.c.id).limit(limit)
    return found.with_for_update(skip_locked=True)


def lines_with_tax_class(order_ids: Collection[UUID]) -> Select[Any]:
    """Lines of orders, each with the `tax_class` that its offer has now."""
    found = select(ORDER_LINES, OFFERS.c.tax_class).join(OFFERS, OFFERS.c.id == ORDER_LINES.c.offer_id)
    return found.where(among(ORDER_LINES.c.order_id, order_ids)).order_by(ORDER_LINES.c.position)


def refunds_with_pieces(refund_ids: Collection[UUID]) -> Select[Any]:
    """`refund_id`, `amount`, and a row for each order line that came back with it: `order_line_id`, `quantity`."""
    found = select(REFUNDS.c.refund_id, REFUNDS.c.amount, REFUND_LINES.c.order_line_id, REFUND_LINES.c.quantity)
    joined = found.outerjoin(REFUND_LINES, REFUND_LINES.c.order_refund_id == REFUNDS.c.id)
    return joined.where(among(REFUNDS.c.refund_id, refund_ids))


def refunds_of_order(order_id: UUID) -> Select[Any]:
    """Ids of payments' refunds, the oldest first."""
    found = select(REFUNDS.c.refund_id).where(REFUNDS.c.order_id == order_id, REFUNDS.c.refund_id.is_not(None))
    return found.order_by(REFUNDS.c.created_at)


WAITS_LONG = and_(InvoiceRequest.created_at < func.now() - func.make_interval(0, 0, 0, 0, 1))
"""For more than an hour."""
