"""Carts over the API. A guest's is named by its token; who is signed in has one of their own."""

from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import CurrentUserDep, NotSignedIn, find_current_user, signed_in
from apps.checkout.cart_view import cart_view, own_cart
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
from apps.checkout.queue.commands import AddLine, ChangeLine, JoinCarts
from apps.checkout.schemas import AddLineIn, CartOut, ChangeLineIn
from apps.core.errors import NotFound
from apps.core.http.idempotency import IdempotencyKey
from apps.core.http.openapi import problems, success_response
from apps.core.http.requests import MAY_SIGN_IN, SECRET, SMALL_BODY, AnyRequest, Reads, locale_of
from apps.orders.repositories import CartRef
from project.settings import settings

CHANGED_CART = success_response(CartOut, status=200, description="The cart as it is now.") | problems(
    NotFound, NotSignedIn, CartPlaced, HeldTooLong, *NOT_TO_BE_HELD
)


class CartController(Controller):
    path = "/api/v1/cart"
    opt = MAY_SIGN_IN
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Cart"]

    @get("/", responses=problems(NotFound, NotSignedIn))
    async def show(self, request: AnyRequest, reads: Reads, cart_token: CartToken = None) -> CartOut:
        """The cart that the Cart-Token header names; without one, that of who is signed in."""
        user_id = await _user_id(request)
        id = cart_id(cart_token)
        if id is None and user_id:
            id = await own_cart(reads, user_id)
        return await cart_view(reads, CartRef(id, user_id), locale=locale_of(request))

    @post(
        "/lines",
        status_code=201,
        operation_id="addCartLine",
        limit=CART_CHANGES,
        responses=success_response(CartOut, status=201, description="The cart, and until when it is held.")
        | problems(NotFound, NotSignedIn, CartFull, HeldTooLong, *NOT_TO_BE_HAD),
    )
    async def add(
        self,
        data: JSONBody[AddLineIn],
        request: AnyRequest,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Put something into the cart and hold it for a while; without a Cart-Token a new cart begins.

        Of who is signed in it is their own cart: that of the Cart-Token becomes part of it.
        """
        user_id = await _user_id(request)
        command = AddLine(
            key=await key_of(request, idempotency_key, cart_token or _caller(user_id)),
            cart_id=cart_id(cart_token),
            wanted=wanted_line(data),
            currency=settings.currency,
            locale=locale_of(request),
            network=customers_network(request),
            user_id=user_id,
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


class OwnCartController(Controller):
    path = "/api/v1/cart"
    guards = [signed_in]
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Cart"]

    @post("/join", status_code=200, operation_id="joinCarts", limit=CART_CHANGES, responses=problems(NotFound))
    async def join(
        self,
        current_user: CurrentUserDep,
        request: AnyRequest,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> CartOut:
        """After signing in: the cart that the Cart-Token names becomes the user's own, together with what was in that.

        What it holds stays held. What one order or customer may not have is left out, and `trimmed` says so.
        """
        key = await key_of(request, idempotency_key, cart_token or str(current_user.id))
        command = JoinCarts(key, cart_id(cart_token), locale_of(request), current_user.id)
        answer = await checkout_queue_of(request).submit(command)
        return msgspec.json.decode(answer.body, type=CartOut)


async def _change(
    request: AnyRequest, token: str | None, key: str | None, line_id: UUID, quantity: int
) -> Response[bytes]:
    user_id = await _user_id(request)
    id = cart_id(token)
    if id is None and user_id is None:
        raise NotFound
    command = ChangeLine(
        key=await key_of(request, key, token or _caller(user_id)),
        cart_id=id,
        line_id=line_id,
        quantity=quantity,
        locale=locale_of(request),
        network=customers_network(request),
        user_id=user_id,
    )
    return answered(await checkout_queue_of(request).submit(command))


async def _user_id(request: AnyRequest) -> UUID | None:
    """Raises NotSignedIn for a token that opens nothing."""
    current_user = await find_current_user(request)
    return current_user.id if current_user else None


def _caller(user_id: UUID | None) -> str | None:
    return str(user_id) if user_id else None
