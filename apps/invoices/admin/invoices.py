"""Invoices and credit notes: a list to be looked through, each as a PDF, and all of a month in one file."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from babel.numbers import format_decimal
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from apps.accounts.permissions import Permission
from apps.backoffice.exports.requests import record_export
from apps.backoffice.formats import NOTHING, link_of, money_in
from apps.backoffice.lists.filters import Days, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.pages import page
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, db_of, locale_of
from apps.backoffice.urls import details_url, file_url
from apps.backoffice.views.base import View
from apps.backoffice.views.files import File
from apps.backoffice.views.registry import views_of
from apps.core.errors import NotFound
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.invoices.archive import month_archive, month_name, month_named, months
from apps.invoices.files import PDF, file_headers
from apps.invoices.models import Invoice, InvoiceKind
from apps.invoices.permissions import InvoicePermission as P
from apps.invoices.printing.document import document_of
from apps.invoices.printing.pdf import pdf_of
from apps.invoices.reading import find_document
from apps.invoices.seller import NOT_SET_UP, invoice_settings
from apps.orders.admin.columns import number_of
from apps.payments.admin.payments import SALES

KINDS: Mapping[Any, Lazy] = {InvoiceKind.invoice: _("Invoice"), InvoiceKind.credit_note: _("Credit note")}
MONTHS_SHOWN = 240


async def send_pdf(view: View, request: Request) -> Response:
    row: Invoice = await _find(view, request)
    async with db_of(request).reads() as reads:
        document = await find_document(reads, row.number)
    return Response(await pdf_of(document), media_type=PDF, headers=dict(file_headers(document)))


async def _find(view: View, request: Request) -> Any:
    """Raises NotFound."""
    async with db_of(request).begin() as session:
        return await view.find(session, request.query_params.get("pk", ""))


async def show_months(view: View, request: Request) -> Response:
    async with db_of(request).reads() as reads:
        rows = (await reads.execute(months().limit(MONTHS_SHOWN))).all()
    links = [(row, file_url(view.identity, "month", month=month_name(row))) for row in rows]
    return page(
        request, "invoices/admin/months.html", menu=views_of(request).menu_for(request), view=view, months=links
    )


async def send_month(view: View, request: Request) -> Response:
    month = month_named(request.query_params.get("month", ""))
    if month is None:
        raise NotFound
    async with db_of(request).begin() as session:
        record_export(session, view, f"month={month:%Y-%m}", actor=current_user_of(request).actor)
    disposition = f'attachment; filename="invoices-{month:%Y-%m}.zip"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return StreamingResponse(month_archive(db_of(request), month), media_type="application/zip", headers=headers)


def kind(row: Invoice, name: str, request: Request) -> str:
    return KINDS[row.kind].in_locale(locale_of(request))


def buyer(row: Invoice, name: str, request: Request) -> str:
    return str(row.buyer.get("name") or NOTHING)


def order(row: Invoice, name: str, request: Request) -> Any:
    return link_of(details_url("order", row.order_id), row.order_number, request)


def pdf(row: Invoice, name: str, request: Request) -> Any:
    return link_of(file_url("invoice", "pdf", pk=str(row.id)), f"{row.number}.pdf", request)


def refers_to(row: Invoice, name: str, request: Request) -> Any:
    if row.refers_to is None:
        return NOTHING
    return link_of(details_url("invoice", row.refers_to), getattr(row, "refers", ""), request)


def _items(row: Invoice, request: Request) -> Panel:
    """As they are printed."""
    document, locale = document_of(row), locale_of(request)
    rows = [
        [
            each.title,
            str(each.quantity),
            format_money(each.unit_price, row.currency, locale=locale),
            f"{format_decimal(each.percent, locale=locale)}\xa0%",
            format_money(each.total, row.currency, locale=locale),
        ]
        for each in document.lines
    ]
    columns = [_("Item"), _("Quantity"), _("Price"), _("VAT"), _("Amount")]
    return Panel(title=_("Items"), columns=columns, rows=rows, empty=_("Nothing yet."))


class InvoiceAdmin(View, model=Invoice):
    name, name_plural, group = _("Invoice"), _("Invoices"), SALES
    menu_place = 55
    permissions: ClassVar[Mapping[str, Permission]] = {
        Access.LIST: P.INVOICES_VIEW,
        Access.DETAILS: P.INVOICES_VIEW,
        Access.EXPORT: P.INVOICES_EXPORT,
    }
    files = (
        File("pdf", P.INVOICES_VIEW, send_pdf),
        File("months", P.INVOICES_EXPORT, show_months, title=_("Download a month")),
        File("month", P.INVOICES_EXPORT, send_month),
    )
    column_list = ["number", "kind", "created_at", "order", "buyer", "total"]
    column_details_list = ["kind", "created_at", "order", "buyer", "refers_to", "net", "tax", "total", "pdf"]
    column_export_list = [
        *("number", "kind", "created_at", "order", "buyer", "currency"),
        *("net_number", "tax_number", "total_number"),
    ]
    column_labels = {
        "number": _("Number"),
        "kind": _("Kind"),
        "created_at": _("Issued"),
        "order": _("Order"),
        "buyer": _("Customer"),
        "refers_to": _("For invoice"),
        "currency": _("Currency"),
        "net": _("Net amount"),
        "tax": _("VAT"),
        "total": _("Total"),
        "net_number": _("Net amount"),
        "tax_number": _("VAT"),
        "total_number": _("Total"),
        "pdf": _("PDF"),
    }
    column_formatters = {
        "kind": kind,
        "order": order,
        "buyer": buyer,
        "refers_to": refers_to,
        "pdf": pdf,
        **{name: money_in("currency") for name in ("net", "tax", "total")},
        **{f"{name}_number": number_of(name) for name in ("net", "tax", "total")},
    }
    sorts = {
        "created_at": Sort(Invoice.id, UUID, is_descending=True),
        "total": Sort(Invoice.total, int),
    }
    filters = (
        states("kind", _("Kind"), Invoice.kind, KINDS),
        Days("issued", _("Issued"), Invoice.created_at),
    )
    label_column = "number"
    search_help = _("Number of the invoice or order")
    empty = _("No invoices yet.") if invoice_settings() else NOT_SET_UP

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        number = words.strip().upper()
        return found.where(or_(Invoice.number == number, Invoice.order_number == number))

    async def panels(self, session: AsyncSession, row: Invoice, request: Request) -> Sequence[Panel]:
        return [_items(row, request)]

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        if row.refers_to:
            row.refers = await session.scalar(select(Invoice.number).where(Invoice.id == row.refers_to))
