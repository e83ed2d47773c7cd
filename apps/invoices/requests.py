"""Orders that are paid, and refunds of them, are put down for the job that issues. Nothing is lost in between."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.bulk import insert_rows
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.invoices.repositories import REQUESTS, invoices_of_order, refunds_of_order
from apps.invoices.seller import NOT_SET_UP, invoice_settings
from apps.orders.models import Order, OrderState


class NotSetUp(AppError):
    status = 409
    type = "invoices-not-set-up"
    message = NOT_SET_UP


class NothingToInvoice(AppError):
    status = 409
    type = "nothing-to-invoice"
    message = _("Only paid orders that are not free of charge get an invoice.")


class AlreadyInvoiced(AppError):
    status = 409
    type = "already-invoiced"
    message = _("This order already has an invoice.")


async def request_invoices(connection: AsyncConnection, wanted: Sequence[tuple[UUID, UUID | None]]) -> None:
    """Of orders, each with the refund where it is about one. They are locked. One statement for all."""
    rows = [{"id": uuid7(), "order_id": order, "refund_id": refund} for order, refund in wanted]
    await insert_rows(connection, REQUESTS, rows)


async def request_invoice(session: AsyncSession, order: Order, *, actor: str) -> None:
    """For an order without one, and credit notes for its refunds so far: issued in a moment. It is locked.

    Raises NotSetUp, NothingToInvoice, AlreadyInvoiced.
    """
    connection = await session.connection()
    if invoice_settings() is None:
        raise NotSetUp
    if order.state not in (OrderState.paid, OrderState.refunded) or not order.total:
        raise NothingToInvoice
    if await invoices_of_order(connection, order.id):
        raise AlreadyInvoiced
    refunds = (await connection.scalars(refunds_of_order(order.id))).all()
    await request_invoices(connection, [(order.id, None), *((order.id, refund) for refund in refunds)])
    record(session, "invoices.request", order, actor=actor)
