"""Carts over the API. A guest's is named by its token."""

from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from apps.checkout.cart_view import cart_view
from apps.checkout.controllers.common import (
    NOT_TO_BE_HAD,
    NOT_TO_BE_HELD,
    CartToken,
    answered,
    cart_id,
    checkout_queue_of,
    customers_network,
    key_of,
    wanted_line,
)
from apps.checkout.limits import CART_CHANGES
from apps.checkout.queue.cart import CartFull, CartPlaced, HeldTooLong
from apps.checkout.queue.commands import AddLine, ChangeLine
from apps.checkout.schemas import AddLineIn, CartOut, ChangeLineIn
from apps.core.errors import NotFound
from apps.core.http.idempotency import IdempotencyKey
from apps.core.http.openapi import problems, success_response
from apps.core.http.requests import PUBLIC, SECRET, SMALL_BODY, AnyRequest, Reads, locale_of
from project.settings import settings

CHANGED_CART = success_response(CartOut, status=200, description="The cart as it is now.") | problems(
    NotFound, CartPlaced, HeldTooLong, *NOT_TO_BE_HELD
)


class CartController(Controller):
    path = "/api/v1/cart"
    opt = PUBLIC
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Cart"]

    @get("/", responses=problems(NotFound))
    async def show(self, request: AnyRequest, reads: Reads, cart_token: CartToken = None) -> CartOut:
        """The cart that the Cart-Token header names."""
        if (id := cart_id(cart_token)) is None:
            raise NotFound
        return await cart_view(reads, id, locale=locale_of(request))

    @post(
        "/lines",
        status_code=201,
        operation_id="addCartLine",
        limit=CART_CHANGES,
        responses=success_response(CartOut, status=201, description="The cart, and until when it is held.")
        | problems(NotFound, CartFull, HeldTooLong, *NOT_TO_BE_HAD),
    )
    async def add(
        self,
        data: JSONBody[AddLineIn],
        request: AnyRequest,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Put something into the cart and hold it for a while; without a Cart-Token a new cart begins."""
        command = AddLine(
            key=await key_of(request, idempotency_key, cart_token),
            cart_id=cart_id(cart_token),
            wanted=wanted_line(data),
            currency=settings.currency,
            locale=locale_of(request),
            network=customers_network(request),
        )
        return answered(await checkout_queue_of(request).submit(command))

    @patch("/lines/{id:uuid}", limit=CART_CHANGES, responses=CHANGED_CART)
    async def change(
        self,
        id: FromPath[UUID],
        data: JSONBody[ChangeLineIn],
        request: AnyRequest,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Set how many pieces of a line are wanted."""
        return await _change(request, cart_token, idempotency_key, id, data.quantity)

    @delete("/lines/{id:uuid}", status_code=200, limit=CART_CHANGES, responses=CHANGED_CART)
    async def remove(
        self,
        id: FromPath[UUID],
        request: AnyRequest,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Take a line out and let go what it held."""
        return await _change(request, cart_token, idempotency_key, id, 0)


async def _change(
    request: AnyRequest, token: str | None, key: str | None, line_id: UUID, quantity: int
) -> Response[bytes]:
    if (id := cart_id(token)) is None:
        raise NotFound
    command = ChangeLine(
        key=await key_of(request, key, token),
        cart_id=id,
        line_id=line_id,
        quantity=quantity,
        locale=locale_of(request),
        network=customers_network(request),
    )
    return answered(await checkout_queue_of(request).submit(command))
