"""The page of an order: what became of it, and what its customer can do with it."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from jinja2.environment import TemplateModule
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.passkeys.challenges import relying_party
from apps.accounts.registration.with_passkey import options_to_register
from apps.accounts.sessions.browser import visitor_of
from apps.checkout.controllers import payment_queue_of
from apps.checkout.limits import ORDER_LOOKS, PAYMENT_LOOKS, PAYMENTS
from apps.checkout.order_view import find_order, order_view
from apps.checkout.paying.cancel import cancel
from apps.checkout.paying.pay import came_back, is_payment_known, start_payment
from apps.checkout.schemas import OrderOut
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.forms import typed_in
from apps.core.http.rate_limits import Limits, LimitsDependency, TooManyRequests
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.core.text.templates import fragment
from apps.invoices.controllers import INVOICE_FILES
from apps.invoices.files import PDF, file_headers
from apps.invoices.printing.pdf import pdf_of
from apps.invoices.reading import find_document, list_of_order
from apps.invoices.seller import invoice_settings
from apps.orders.kinds.fulfilment import fulfilments_of
from apps.orders.models import OrderState
from apps.payments.names import FAILURES
from apps.site.orders.order_links import followed_address, order_path
from apps.site.orders.order_stage import look_again, stage_of
from apps.site.orders.repositories import offline_payment_of, refunds_of
from apps.site.pages import SiteController, refused, site_page
from apps.site.time_left import time_left

OrderKey = Annotated[str, QueryParameter(name="key", max_length=200, required=False)]
Looked = Annotated[int, QueryParameter(name="looked", ge=0, le=1000, required=False)]
ORDER_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-store, no-transform",
}
"""The order's key stands in the page, so it is not compressed either, as the size would tell of it (BREACH)."""


class OrderPageController(SiteController):
    path = "/orders/{number:str}"

    @get("/")
    async def show(
        self,
        number: FromPath[str],
        request: AnyRequest,
        db: Db,
        limits: LimitsDependency,
        key: OrderKey = "",
        looked: Looked = 0,
    ) -> Response[str]:
        async with db.reads() as reads:
            row = await find_order(reads, number, key)
        is_known = await _is_known(db, limits, row)
        async with db.reads() as reads:
            return await _order(request, reads, number, key, looked=looked, is_known=is_known)

    @post("/pay", limit=PAYMENTS)
    async def pay(
        self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = ""
    ) -> Response[str] | Response[None]:
        """To the provider's page; asked again, the same page."""
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        provider = (await typed_in(request)).get("provider", "")
        try:
            payment = await start_payment(db, payment_queue_of(request), order.id, provider=provider)
        except AppError as refusal:
            async with db.reads() as reads:
                return await _order(request, reads, number, key, refusal)
        if (address := followed_address(str(payment.pay_url))) is not None:
            return Redirect(address, status_code=303, headers=ORDER_HEADERS)
        async with db.reads() as reads:
            words = {"pay_url": payment.pay_url, "here": order_path(order.number, key), "headers": ORDER_HEADERS}
            return await site_page(request, reads, "site/orders/to_provider.html", **words)

    @get("/return", limit=ORDER_LOOKS)
    async def come_back(
        self, number: FromPath[str], request: AnyRequest, db: Db, limits: LimitsDependency, key: OrderKey = ""
    ) -> Response[None]:
        """From the provider's page, which is asked at once how it went. The order's page says it."""
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        if await _may_ask(limits, order):
            await came_back(db, order.id, dict(request.query_params))
        return Redirect(order_path(order.number, key), status_code=303, headers=ORDER_HEADERS)

    @get("/invoices/{invoice:str}", limit=INVOICE_FILES)
    async def invoice(
        self, number: FromPath[str], invoice: FromPath[str], db: Db, key: OrderKey = ""
    ) -> Response[bytes]:
        """The PDF of an invoice, or of a credit note."""
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
            document = await find_document(reads, invoice, order_id=order.id)
        headers = {**file_headers(document), **ORDER_HEADERS}
        return Response(await pdf_of(document), media_type=PDF, headers=headers)

    @post("/cancel", limit=ORDER_LOOKS)
    async def cancel(
        self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = ""
    ) -> Response[str] | Response[None]:
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        try:
            await cancel(db, order.id, actor="customer")
        except AppError as refusal:
            async with db.reads() as reads:
                return await _order(request, reads, number, key, refusal)
        return Redirect(order_path(order.number, key), status_code=303)


async def _order(
    request: AnyRequest,
    reads: AsyncConnection,
    number: str,
    key: str,
    refusal: AppError | None = None,
    looked: int = 0,
    is_known: bool = False,
) -> Response[str]:
    row = await find_order(reads, number, key)
    order = await order_view(reads, row, locale=locale_of(request))
    left = await time_left(reads, order.pay_until, {line.offer for line in order.lines})
    stage = stage_of(row, order, at=left.at, is_known=is_known)
    here = order_path(order.number, order.key)
    words = {"order": order, "stage": stage, "left": left, "again": look_again(stage, here, looked)}
    words["name"] = row.name or order.email
    may_register = stage.is_paid and row.user_id is None and await visitor_of(request, reads) is None
    words["new_passkey"] = _new_passkey(request, order) if may_register else ""
    words["address"] = row.address if stage.is_open else None
    words["offline"] = await offline_payment_of(reads, row.id) if stage.may_pay else None
    words["refunds"] = await refunds_of(reads, row.id)
    words["invoices"] = await list_of_order(reads, row.id) if row.paid_at else []
    words["invoice_comes"] = stage.is_paid and order.total > 0 and invoice_settings() is not None
    words["sections"] = [each async for each in _sections(reads, row, order, locale_of(request))]
    words["why"] = FAILURES.get(order.payment_failure)
    words |= await refused(request, refusal)
    return await site_page(request, reads, "site/orders/order.html", here=here, headers=ORDER_HEADERS, **words)


def _new_passkey(request: AnyRequest, order: OrderOut) -> str:
    """What the browser needs to make one, for an account with the address of the order."""
    return options_to_register(relying_party(request), email=order.email, name=order.name)


async def _sections(reads: AsyncConnection, row: Any, order: OrderOut, locale: str) -> AsyncIterator[TemplateModule]:
    """What each kind shows of its parts."""
    for kind in fulfilments_of(order.lines):
        if kind.order_template:
            parts = kind.own(order.parts)
            words = await kind.words(reads, row, parts, locale=locale)
            yield fragment(kind.order_template, locale, {"order": order, "parts": parts, **words})


async def _is_known(db: Database, limits: Limits, row: Any) -> bool:
    """Whether anything that may have been paid is known. One order does not ask the provider without end."""
    if row.state != OrderState.pending:
        return True
    return await _may_ask(limits, row) and await is_payment_known(db, row.id)


async def _may_ask(limits: Limits, row: Any) -> bool:
    try:
        await limits.hit(PAYMENT_LOOKS, str(row.id))
    except TooManyRequests:
        return False
    return True
