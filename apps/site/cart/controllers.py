"""The page of the cart."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.limits import CART_CHANGES
from apps.core.errors import AppError
from apps.core.http.requests import AnyRequest, Db, Reads, locale_of
from apps.site.cart.cart_contents import CartContents, read_cart_contents
from apps.site.cart.cart_forms import change_cart, typed_quantity
from apps.site.orders.order_links import order_of_cart
from apps.site.pages import SiteController, cart_of, refused, site_page
from apps.site.time_left import TimeLeft, time_left


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
    cart = await cart_of(request, reads)
    order = await order_of_cart(reads, cart)
    contents = None if order else await read_cart_contents(reads, cart, locale=locale_of(request))
    left = await _left(reads, contents) if contents else None
    words = {"contents": contents, "order": order, "left": left, "line_id": line_id, **await refused(request, refusal)}
    return await site_page(request, reads, "site/cart/cart.html", here="/cart", **words)


async def _left(reads: AsyncConnection, contents: CartContents) -> TimeLeft | None:
    """None where nothing is held."""
    until = contents.cart.expires_at
    return await time_left(reads, until, contents.terms.keys()) if until else None
