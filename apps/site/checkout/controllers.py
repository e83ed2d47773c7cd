"""The page that turns a cart into an order."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.addresses.addresses import KeptAddress, TooManyAddresses, add_address, list_addresses
from apps.accounts.current_user import CurrentUser
from apps.accounts.sessions.browser import visitor_of
from apps.checkout.controllers import checkout_queue_of
from apps.checkout.limits import CHECKOUTS
from apps.checkout.order_view import ways_to_pay
from apps.checkout.schemas import PlacedOrderOut
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.forms import Filled, typed_in
from apps.core.http.requests import AnyRequest, Db, Reads, locale_of
from apps.core.text.postal import Address
from apps.core.text.postal_rules import regions_of
from apps.site.cart.cart_contents import read_cart_contents
from apps.site.checkout.checkout_form import CheckoutForm, countries, fill_checkout, known_customer, place_order_command
from apps.site.orders.order_links import order_of_cart, order_path
from apps.site.pages import SiteController, cart_of, site_page

AddressId = Annotated[UUID | None, QueryParameter(name="address", required=False)]


class CheckoutPageController(SiteController):
    path = "/checkout"

    @get("/")
    async def show(
        self, request: AnyRequest, reads: Reads, address: AddressId = None
    ) -> Response[str] | Response[None]:
        """With `?address=` one of the fan's addresses stands in the form, else the default."""
        if order := await order_of_cart(reads, await cart_of(request, reads)):
            return Redirect(order.path, status_code=303)
        visitor = await visitor_of(request, reads)
        addresses = await list_addresses(reads, visitor.id) if visitor else ()
        kept = next((each for each in addresses if each.id == address), addresses[0] if addresses else None)
        return await _checkout(request, reads, known_customer(visitor, kept), addresses=addresses, chosen=kept)

    @post("/", limit=CHECKOUTS)
    async def place(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        """The second click finds the order that the first one made."""
        async with db.reads() as reads:
            cart = await cart_of(request, reads)
            if order := await order_of_cart(reads, cart):
                return Redirect(order.path, status_code=303)
            if (contents := await read_cart_contents(reads, cart, locale=locale_of(request))) is None:
                return Redirect("/cart", status_code=303)
            visitor = await visitor_of(request, reads)
            typed = await typed_in(request)
            filled, address = fill_checkout(typed, contents)
            if filled.value is None:
                return await _checkout(request, reads, filled, status=422)
        try:
            answer = await checkout_queue_of(request).submit(
                place_order_command(request, cart, contents, filled.value, address)
            )
        except AppError as refusal:
            async with db.reads() as reads:
                return await _checkout(request, reads, filled, refusal, status=refusal.status)
        if visitor and address and typed.get("keep_address"):
            await _keep_address(db, visitor, filled.value.name, address)
        placed = msgspec.json.decode(answer.body, type=PlacedOrderOut)
        return Redirect(order_path(placed.number, placed.key), status_code=303)


async def _keep_address(db: Database, visitor: CurrentUser, name: str, address: Address) -> None:
    """The order is placed: what does not fit in beside the others is no reason to refuse anything."""
    try:
        async with db.begin() as session:
            await add_address(session, visitor, name=name, address=address)
    except TooManyAddresses:
        return


async def _checkout(
    request: AnyRequest,
    reads: AsyncConnection,
    filled: Filled[CheckoutForm],
    refusal: AppError | None = None,
    status: int = 200,
    addresses: Sequence[KeptAddress] = (),
    chosen: KeptAddress | None = None,
) -> Response[str] | Response[None]:
    contents = await read_cart_contents(reads, await cart_of(request, reads), locale=locale_of(request))
    if contents is None or not contents.can_be_ordered:
        return Redirect("/cart", status_code=303)
    words = {"contents": contents, "form": filled, "countries": countries(locale_of(request))}
    words |= {"addresses": addresses, "chosen_address": chosen and chosen.id}
    total = contents.sums(ships=contents.needs_shipping).total
    words["ways_to_pay"] = ways_to_pay(total, contents.cart.currency, locale_of(request))
    words["regions"] = regions_of(filled.typed.get("country", ""))
    sentence = {"refusal": refusal and refusal.sentence(locale_of(request))}
    return await site_page(request, reads, "site/checkout/checkout.html", status=status, **words, **sentence)
