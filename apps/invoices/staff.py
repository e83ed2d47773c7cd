"""Invoices over the API, for staff: find, look, download, issue one that is missing."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter

from apps.accounts.guards import Staff, requires
from apps.checkout.staff import FromQuery, ToQuery
from apps.checkout.staff_reads import order_numbered
from apps.core.errors import NotFound
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.requests import PERSONAL, Db, Reads, Session
from apps.core.text.datetimes import in_utc
from apps.core.text.string_types import LINE
from apps.invoices.controllers import FILE_RESPONSE
from apps.invoices.files import PDF, file_headers
from apps.invoices.models import InvoiceKind
from apps.invoices.permissions import InvoicePermission as P
from apps.invoices.printing.pdf import pdf_of
from apps.invoices.reading import InvoiceQuery, find_document, find_invoices, find_row, found_out
from apps.invoices.requests import AlreadyInvoiced, NothingToInvoice, NotSetUp, request_invoice
from apps.invoices.schemas import InvoiceFoundOut
from apps.orders.repositories import OrderRepository

OrderQuery = Annotated[
    str, QueryParameter(name="order", max_length=12, pattern=LINE, required=False, description="An order's number.")
]
KindQuery = Annotated[
    InvoiceKind | None, QueryParameter(name="kind", required=False, description="Only invoices, or only credit notes.")
]


class InvoiceStaffController(Controller):
    path = "/api/v1/staff/invoices"
    tags = ["Staff: invoices"]

    @get("/", guards=[requires(P.INVOICES_VIEW)], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        order: OrderQuery = "",
        kind: KindQuery = None,
        issued_from: FromQuery = None,
        issued_to: ToQuery = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[InvoiceFoundOut]:
        """Invoices and credit notes, the newest first."""
        window = in_utc(**{"from": issued_from, "to": issued_to})
        query = InvoiceQuery(order=order, kind=kind, issued_from=window["from"], issued_to=window["to"])
        return await find_invoices(reads, query, limit=limit, after=after)

    @get("/{invoice:str}", guards=[requires(P.INVOICES_VIEW)], cache_control=PERSONAL, responses=problems(NotFound))
    async def show(self, invoice: FromPath[str], reads: Reads) -> InvoiceFoundOut:
        """One invoice or credit note, by its number."""
        return found_out(await find_row(reads, invoice))

    @get(
        "/{invoice:str}/file",
        guards=[requires(P.INVOICES_VIEW)],
        media_type=PDF,
        responses=FILE_RESPONSE | problems(NotFound),
    )
    async def file(self, invoice: FromPath[str], db: Db) -> Response[bytes]:
        """An invoice or credit note as a file for people and programs."""
        async with db.reads() as reads:
            document = await find_document(reads, invoice)
        return Response(await pdf_of(document), media_type=PDF, headers=dict(file_headers(document)))


class OrderInvoiceStaffController(Controller):
    path = "/api/v1/staff/orders/{number:str}/invoice"
    tags = ["Staff: invoices"]

    @post(
        "/",
        status_code=204,
        guards=[requires(P.INVOICES_ISSUE)],
        responses=problems(NotFound, NotSetUp, NothingToInvoice, AlreadyInvoiced),
    )
    async def issue(self, number: FromPath[str], session: Session, current_user: Staff) -> None:
        """Issue the invoice of a paid order that has none, and credit notes for its refunds: within seconds."""
        found = await order_numbered(await session.connection(), number)
        order = await OrderRepository(session=session).lock(found.id)
        await request_invoice(session, order, actor=current_user.actor)
