"""Invoices over the API, for who holds the order's key or placed it signed in."""

from datetime import timedelta

from litestar import Controller, Response, get
from litestar.params import FromPath

from apps.checkout.controllers.common import NOT_YOURS, OrderKey, order_of
from apps.checkout.limits import ORDER_LOOKS
from apps.core.http.openapi import problems, success_response
from apps.core.http.rate_limits import limited
from apps.core.http.requests import MAY_SIGN_IN, SECRET, AnyRequest, Db
from apps.invoices.files import PDF, file_headers
from apps.invoices.printing.pdf import pdf_of
from apps.invoices.reading import find_document, list_of_order
from apps.invoices.schemas import InvoiceOut

INVOICE_FILES = limited("invoice files", 30, per=timedelta(minutes=1))
"""Each is made when it is asked for."""
FILE_RESPONSE = success_response(
    bytes, status=200, description="PDF/A-3 with the invoice as XML (Factur-X) inside.", media_type=PDF
)


class InvoiceController(Controller):
    path = "/api/v1/orders/{number:str}/invoices"
    opt = MAY_SIGN_IN
    cache_control = SECRET
    tags = ["Checkout"]

    @get("/", limit=ORDER_LOOKS, operation_id="listOrderInvoices", responses=problems(*NOT_YOURS))
    async def list(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None) -> list[InvoiceOut]:
        """The invoice of an order, and its credit notes. Empty until some seconds after it was paid."""
        order = await order_of(db, request, number, key)
        async with db.reads() as reads:
            return await list_of_order(reads, order.id)

    @get(
        "/{invoice:str}/file",
        limit=INVOICE_FILES,
        operation_id="getOrderInvoiceFile",
        media_type=PDF,
        responses=FILE_RESPONSE | problems(*NOT_YOURS),
    )
    async def file(
        self, number: FromPath[str], invoice: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None
    ) -> Response[bytes]:
        """An invoice or credit note as a file for people and programs."""
        order = await order_of(db, request, number, key)
        async with db.reads() as reads:
            document = await find_document(reads, invoice, order_id=order.id)
        return Response(await pdf_of(document), media_type=PDF, headers=dict(file_headers(document)))
