"""What invoices add to an order's page: a panel of them, and issuing one that is missing."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqladmin.authorization import Action as Access
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.actions.action import Action
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.formats import clock, link_of
from apps.backoffice.lists.filters import Choice
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import file_url, row_url
from apps.backoffice.views.registry import views_of
from apps.checkout.admin import OrderWithCheckoutAdmin
from apps.core.money import format_money
from apps.core.text.i18n import lazy as _
from apps.invoices.admin.invoices import KINDS
from apps.invoices.models import InvoiceRequest, Problem
from apps.invoices.permissions import InvoicePermission as P
from apps.invoices.repositories import WAITS_LONG, invoices_of_order
from apps.invoices.requests import request_invoice
from apps.invoices.seller import NOT_SET_UP, invoice_settings
from apps.orders.models import Order, OrderState
from apps.orders.repositories import OrderRepository
from project.settings import settings

WAITS = _("The invoice is issued in a moment.")
NONE = _("No invoice.")
PROBLEMS = {
    Problem.tax: _(
        "The invoice waits: no rate of TAX_PERCENT or INVOICE_FORMER_TAX_PERCENT gives the tax of this order."
    )
}


def may_be_invoiced(row: Any) -> bool:
    """Found out for the order's page; in doubt the service says it."""
    is_paid = row.state in (OrderState.paid, OrderState.refunded) and row.total > 0
    return is_paid and not getattr(row, "is_invoiced", False)


ISSUE = Action(
    name="issue-invoice",
    title=_("Issue invoice"),
    question=_("Issue the invoice of this order, and credit notes for its refunds?"),
    done=_("The invoice is issued within seconds."),
    permission=P.INVOICES_ISSUE,
    run=locked(OrderRepository, request_invoice),
    applies=may_be_invoiced,
)


class OrderWithInvoicesAdmin(OrderWithCheckoutAdmin):
    actions: ClassVar[Sequence[Action]] = (*OrderWithCheckoutAdmin.actions, ISSUE)
    filters = (
        *OrderWithCheckoutAdmin.filters,
        Choice(
            "invoice",
            _("Invoice"),
            {
                "waiting": (
                    _("Waiting for more than an hour"),
                    Order.id.in_(select(InvoiceRequest.order_id).where(WAITS_LONG)),
                )
            },
        ),
    )

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        await super().complete_one(session, row)
        row.invoices = await invoices_of_order(await session.connection(), row.id)
        row.is_invoiced = bool(row.invoices) or invoice_settings() is None

    async def panels(self, session: AsyncSession, row: Order, request: Request) -> Sequence[Panel]:
        panels = await super().panels(session, row, request)
        view = views_of(request).get("invoice")
        is_paid = row.state in (OrderState.paid, OrderState.refunded) and row.total > 0
        if view is None or not view.may(request, Access.LIST) or not is_paid:
            return panels
        return [*panels, await _invoices(session, row, request)]


async def _invoices(session: AsyncSession, order: Any, request: Request) -> Panel:
    locale = locale_of(request)
    rows = [
        [
            link_of(row_url("invoice", each), each.number, request),
            KINDS[each.kind],
            clock(each.created_at, settings.time_zone, locale),
            format_money(each.total, each.currency, locale=locale),
            link_of(file_url("invoice", "pdf", pk=str(each.id)), "PDF", request),
        ]
        for each in order.invoices
    ]
    columns = [_("Number"), _("Kind"), _("Issued"), _("Total"), _("File")]
    empty = NONE if rows else await _why_none(session, order)
    return Panel(title=_("Invoices"), columns=columns, rows=rows, empty=empty)


async def _why_none(session: AsyncSession, order: Order) -> Any:
    if invoice_settings() is None:
        return NOT_SET_UP
    found = select(InvoiceRequest.problem).where(InvoiceRequest.order_id == order.id).limit(1)
    request = (await session.execute(found)).one_or_none()
    if request is None:
        return NONE
    return PROBLEMS[request.problem] if request.problem else WAITS
