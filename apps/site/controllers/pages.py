"""The pages fans see. Each reads, or sends one form to one service; a refusal is a sentence on the same page."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from jinja2.environment import TemplateModule
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.controllers import till_of
from apps.checkout.limits import CART_CHANGES, CHECKOUTS, ORDER_LOOKS, PAYMENT_LOOKS, PAYMENTS
from apps.checkout.paying.end import cancel
from apps.checkout.paying.pay import is_payment_known, start_payment
from apps.checkout.schemas import OrderOut, PlacedOrderOut
from apps.checkout.show import find_order, show_order
from apps.concerts.repositories import concert_by_slug
from apps.concerts.schemas import PublicConcertState
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.http.forms import NOTHING, Filled, typed_in
from apps.core.http.rate_limits import Limits, LimitsDependency, TooManyRequests
from apps.core.http.requests import AnyRequest, Db, Reads, locale_of
from apps.core.text.postal_rules import regions_of
from apps.core.text.templates import fragment
from apps.orders.kinds import fulfilments_of, time_zones_of
from apps.orders.models import OrderState
from apps.payments.names import FAILURES
from apps.shop.repositories import product_by_slug
from apps.site.basket import order_of_cart, order_path, read_basket
from apps.site.buying import add_to_cart, change_cart, most_pieces, typed_quantity
from apps.site.checkout_form import CheckoutForm, countries, fill_checkout, place_command
from apps.site.order_story import look_again, stage_of
from apps.site.pictures import is_own
from apps.site.price_tag import price_tag
from apps.site.repositories import refunds_of
from apps.site.time_left import TimeLeft, time_left, zone_of_all
from apps.site.visit import SiteController, cart_of, moved, own_address, site_page
from project.settings import settings

OrderKey = Annotated[str, QueryParameter(name="key", max_length=200, required=False)]
Looked = Annotated[int, QueryParameter(name="looked", ge=0, le=1000, required=False)]
ORDER_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-store, no-transform",
}
"""The order's key stands in the page, so it is not compressed either, as the size would tell of it (BREACH)."""


class ConcertPageController(SiteController):
    path = "/concerts/{slug:str}"

    @get("/")
    async def show(self, slug: FromPath[str], request: AnyRequest, reads: Reads) -> Response[str] | Response[None]:
        return await _concert(request, reads, slug)

    @post("/", limit=CART_CHANGES)
    async def add(self, slug: FromPath[str], request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            return await add_to_cart(request)
        except AppError as refusal:
            async with db.reads() as reads:
                return await _concert(request, reads, slug, refusal)


async def _concert(
    request: AnyRequest, reads: AsyncConnection, slug: str, refusal: AppError | None = None
) -> Response[str] | Response[None]:
    concert = await concert_by_slug(reads, slug, currency=settings.currency, locale=locale_of(request))
    if concert.slug != slug and refusal is None:
        return moved(request, f"/concerts/{concert.slug}")
    sells = concert.state is PublicConcertState.on_sale
    words = {"concert": concert, "at": await now(reads), "sells": sells, "most_pieces": most_pieces}
    return await site_page(request, reads, "site/concert.html", **words, **await _refused(request, refusal))


class ProductPageController(SiteController):
    path = "/shop/{slug:str}"

    @get("/")
    async def show(self, slug: FromPath[str], request: AnyRequest, reads: Reads) -> Response[str] | Response[None]:
        return await _product(request, reads, slug)

    @post("/", limit=CART_CHANGES)
    async def add(self, slug: FromPath[str], request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            return await add_to_cart(request)
        except AppError as refusal:
            async with db.reads() as reads:
                return await _product(request, reads, slug, refusal)


async def _product(
    request: AnyRequest, reads: AsyncConnection, slug: str, refusal: AppError | None = None
) -> Response[str] | Response[None]:
    product = await product_by_slug(reads, slug, currency=settings.currency, locale=locale_of(request))
    if product.slug != slug and refusal is None:
        return moved(request, f"/shop/{product.slug}")
    pictures = [each for each in product.images if is_own(each.url)]
    words = {"product": product, "pictures": pictures, "tag": price_tag(product.variants), "most_pieces": most_pieces}
    return await site_page(request, reads, "site/product.html", **words, **await _refused(request, refusal))


class CartPageController(SiteController):
    path = "/cart"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads) -> Response[str]:
        return await _cart(request, reads)

    @post("/lines/{id:uuid}", limit=CART_CHANGES)
    async def change(self, id: FromPath[UUID], request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            return await change_cart(request, id, await typed_quantity(request))
        except AppError as refusal:
            async with db.reads() as reads:
                return await _cart(request, reads, refusal, line_id=id)

    @post("/lines/{id:uuid}/remove", limit=CART_CHANGES)
    async def remove(self, id: FromPath[UUID], request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            return await change_cart(request, id, 0)
        except AppError as refusal:
            async with db.reads() as reads:
                return await _cart(request, reads, refusal, line_id=id)


async def _cart(
    request: AnyRequest, reads: AsyncConnection, refusal: AppError | None = None, line_id: UUID | None = None
) -> Response[str]:
    order = await order_of_cart(reads, cart_of(request))
    basket = None if order else await read_basket(reads, cart_of(request), locale=locale_of(request))
    left = await time_left(reads, basket) if basket else None
    words = {"basket": basket, "order": order, "left": left, "line_id": line_id, **await _refused(request, refusal)}
    return await site_page(request, reads, "site/cart.html", here="/cart", **words)


class CheckoutPageController(SiteController):
    path = "/checkout"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads) -> Response[str] | Response[None]:
        if order := await order_of_cart(reads, cart_of(request)):
            return Redirect(order.path, status_code=303)
        return await _checkout(request, reads, Filled(NOTHING, NOTHING, None))

    @post("/", limit=CHECKOUTS)
    async def place(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        """The second click finds the order that the first one made."""
        async with db.reads() as reads:
            if order := await order_of_cart(reads, cart_of(request)):
                return Redirect(order.path, status_code=303)
            if (basket := await read_basket(reads, cart_of(request), locale=locale_of(request))) is None:
                return Redirect("/cart", status_code=303)
            filled, address = fill_checkout(await typed_in(request), basket)
            if filled.value is None:
                return await _checkout(request, reads, filled, status=422)
        try:
            answer = await till_of(request).submit(place_command(request, basket, filled.value, address))
        except AppError as refusal:
            async with db.reads() as reads:
                return await _checkout(request, reads, filled, refusal, status=refusal.status)
        placed = msgspec.json.decode(answer.body, type=PlacedOrderOut)
        return Redirect(order_path(placed.number, placed.key), status_code=303)


async def _checkout(
    request: AnyRequest,
    reads: AsyncConnection,
    filled: Filled[CheckoutForm],
    refusal: AppError | None = None,
    status: int = 200,
) -> Response[str] | Response[None]:
    basket = await read_basket(reads, cart_of(request), locale=locale_of(request))
    if basket is None or not basket.can_be_ordered:
        return Redirect("/cart", status_code=303)
    words = {"basket": basket, "form": filled, "countries": countries(locale_of(request))}
    words["regions"] = regions_of(filled.typed.get("country", ""))
    sentence = {"refusal": refusal and refusal.sentence(locale_of(request))}
    return await site_page(request, reads, "site/checkout.html", status=status, **words, **sentence)


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
            payment = await start_payment(db, order["id"], provider=provider)
        except AppError as refusal:
            async with db.reads() as reads:
                return await _order(request, reads, number, key, refusal)
        return Redirect(own_address(payment.pay_url), status_code=303, headers=ORDER_HEADERS)

    @post("/cancel", limit=ORDER_LOOKS)
    async def cancel(
        self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = ""
    ) -> Response[str] | Response[None]:
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        try:
            await cancel(db, order["id"], actor="buyer")
        except AppError as refusal:
            async with db.reads() as reads:
                return await _order(request, reads, number, key, refusal)
        return Redirect(order_path(order["number"], key), status_code=303)


async def _order(
    request: AnyRequest,
    reads: AsyncConnection,
    number: str,
    key: str,
    refusal: AppError | None = None,
    looked: int = 0,
    is_known: bool = False,
) -> Response[str]:
    row, at = await find_order(reads, number, key), await now(reads)
    order = await show_order(reads, row, locale=locale_of(request))
    stage = stage_of(row, order, at=at, is_known=is_known)
    here = order_path(order.number, order.key)
    words = {"order": order, "stage": stage, "again": look_again(stage, here, looked)}
    words["address"] = row["address"] if stage.is_open else None
    words["refunds"] = await refunds_of(reads, row["id"])
    words["sections"] = [each async for each in _sections(reads, row, order, locale_of(request))]
    words["why"] = FAILURES.get(order.payment_failure)
    zones = await time_zones_of(reads, order.lines) if stage.may_pay else ()
    words["left"] = TimeLeft(order.pay_until, at, zone_of_all(zones))
    words |= await _refused(request, refusal)
    return await site_page(request, reads, "site/order.html", here=here, headers=ORDER_HEADERS, **words)


async def _sections(reads: AsyncConnection, row: Any, order: OrderOut, locale: str) -> AsyncIterator[TemplateModule]:
    """What each kind shows of its parts."""
    for kind in fulfilments_of(order.lines):
        if kind.order_template:
            parts = kind.own(order.parts)
            words = await kind.words(reads, row, parts, locale=locale)
            yield fragment(kind.order_template, locale, {"order": order, "parts": parts, **words})


async def _is_known(db: Database, limits: Limits, row: Any) -> bool:
    """Whether anything that may have been paid is known. One order does not ask the provider without end."""
    if row["state"] != OrderState.pending:
        return True
    try:
        await limits.hit(PAYMENT_LOOKS, str(row["id"]))
    except TooManyRequests:
        return False
    return await is_payment_known(db, row["id"])


async def _refused(request: AnyRequest, refusal: AppError | None) -> dict[str, Any]:
    """The sentence of a refusal and what was typed, for the page that the form came from."""
    if refusal is None:
        return {"refusal": None, "typed": NOTHING}
    return {
        "refusal": refusal.sentence(locale_of(request)),
        "typed": await typed_in(request),
        "status": refusal.status,
    }
