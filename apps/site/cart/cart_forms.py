"""The forms that add to the cart and change it, turned into commands of the checkout queue."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.controllers import checkout_queue_of, customers_network
from apps.checkout.queue.commands import AddLine, ChangeLine, WantedLine
from apps.checkout.schemas import CartOut
from apps.core.db.database import Database
from apps.core.errors import AppError, NotFound
from apps.core.http.forms import fill, typed_in
from apps.core.http.idempotency import RequestKey, request_key
from apps.core.http.requests import AnyRequest, locale_of
from apps.core.security.csrf import FIELD as CSRF
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Quantity
from apps.site.pages import cart_cookie, cart_to_change
from project.settings import settings

Page = TypeVar("Page", bound=Response[Any])


class AddForm(Struct):
    offer: UUID
    quantity: Quantity = 1


class QuantityForm(Struct):
    quantity: Quantity


class NothingChosen(AppError):
    status = 422
    type = "nothing-chosen"
    message = _("Please choose what you would like, and how many.")


class Sold(Protocol):
    """What can be bought, as its page shows it; `left` only where few are."""

    @property
    def max_per_order(self) -> int: ...

    @property
    def left(self) -> int | None: ...


def own_key(request: AnyRequest, *, form: str | None = None) -> RequestKey:
    """Every form sent is a request of its own: placing is bound to its cart, changing sets a number.

    With the words of the `form` it is that one, however often it is sent: its token is another one on every page.
    """
    return request_key(caller="", method=request.method, path=request.url.path, key=form, body=b"")


def max_quantity(offers: Iterable[Sold]) -> int:
    """The most that one order can take of one of them, which can all be bought."""
    return max(min(each.max_per_order, each.left or each.max_per_order) for each in offers)


async def add_to_cart(request: AnyRequest) -> Response[None]:
    """To the cart, with its cookie; raises what it is refused with."""
    typed = await typed_in(request)
    wanted = fill(AddForm, typed).value
    if wanted is None:
        raise NothingChosen
    cart = await cart_to_change(request)
    command = AddLine(
        key=own_key(request, form=f"{typed[CSRF]} {wanted.offer} {wanted.quantity}"),
        cart_id=cart.id,
        wanted=WantedLine(wanted.offer, wanted.quantity, price=None),
        currency=settings.currency,
        locale=locale_of(request),
        network=customers_network(request),
        user_id=cart.user_id,
    )
    answer = await checkout_queue_of(request).submit(command)
    token = msgspec.json.decode(answer.body, type=CartOut).token
    return Redirect("/cart", status_code=303, cookies=[cart_cookie(token)])


async def add_from_page(
    request: AnyRequest, db: Database, page: Callable[[AsyncConnection, AppError], Awaitable[Page]]
) -> Page | Response[None]:
    """To the cart; what it is refused with is said on the `page` that the form came from."""
    try:
        return await add_to_cart(request)
    except AppError as refusal:
        async with db.reads() as reads:
            return await page(reads, refusal)


async def change_cart(request: AnyRequest, line_id: UUID, quantity: int) -> Response[None]:
    """`quantity` 0 takes the line out."""
    cart = await cart_to_change(request)
    if cart.id is None:
        raise NotFound
    command = ChangeLine(
        own_key(request),
        cart.id,
        line_id,
        quantity,
        locale=locale_of(request),
        network=customers_network(request),
        user_id=cart.user_id,
    )
    await checkout_queue_of(request).submit(command)
    return Redirect("/cart", status_code=303)


async def typed_quantity(request: AnyRequest) -> int:
    wanted = fill(QuantityForm, await typed_in(request)).value
    if wanted is None:
        raise NothingChosen
    return wanted.quantity
