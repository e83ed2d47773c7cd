"""The API of the till: carts, checkout, orders, payments. Guests name a cart by its token and an order by its key."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from apps.checkout.batch import Till
from apps.checkout.cart import CART_KEY, show_cart
from apps.checkout.desk import AddLine, ChangeLine, Place, WantedLine
from apps.checkout.end import cancel
from apps.checkout.pay import start_payment
from apps.checkout.place import CartEmpty, CartOrLines
from apps.checkout.schemas import (
    AddLineIn,
    CartOut,
    ChangeLineIn,
    CheckoutIn,
    Delivery,
    OrderOut,
    PayIn,
    PayOut,
)
from apps.checkout.show import find_order, show_order
from apps.core.db import Database
from apps.core.errors import NotFound
from apps.core.idempotency import KeptAnswer, RequestKey, claim, request_key, settle_claim
from apps.core.requests import AnyRequest, Db, Reads, locale_of
from apps.core.signing import unsign
from project.settings import settings

PERSONAL = CacheControlHeader(private=True, no_store=True)
TillDependency = NamedDependency[Till]
CartToken = Annotated[str | None, HeaderParameter(name="Cart-Token", max_length=100, required=False)]
IdempotencyKey = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", min_length=16, max_length=255, required=False)
]
OrderKey = Annotated[str, QueryParameter(name="key", max_length=100)]


def cart_id(token: str | None) -> UUID | None:
    """The cart a token names; NotFound for a token that is not ours."""
    if token is None:
        return None
    if (signed := unsign(CART_KEY, token)) is None:
        raise NotFound
    return signed.id


async def key_of(request: AnyRequest, key: str | None, caller: str | None) -> RequestKey:
    body = await request.body() if key else b""
    return request_key(caller=caller or "", method=request.method, path=request.scope["path"], key=key, body=body)


def answered(answer: KeptAnswer) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type="application/json")


class CartController(Controller):
    path = "/api/v1/cart"
    cache_control = PERSONAL
    tags = ["Cart"]

    @get("/")
    async def show(self, reads: Reads, cart_token: CartToken = None) -> CartOut:
        """The cart that the Cart-Token header names."""
        if (id := cart_id(cart_token)) is None:
            raise NotFound
        return await show_cart(reads, id)

    @post("/lines", status_code=201)
    async def add(
        self,
        data: JSONBody[AddLineIn],
        request: AnyRequest,
        till: TillDependency,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Put something into the cart and hold it for a while; without a Cart-Token a new cart begins."""
        command = AddLine(
            key=await key_of(request, idempotency_key, cart_token),
            cart_id=cart_id(cart_token),
            wanted=_wanted(data),
            currency=settings.currency,
            locale=locale_of(request),
        )
        return answered(await till.submit(command))

    @patch("/lines/{id:uuid}")
    async def change(
        self,
        id: FromPath[UUID],
        data: JSONBody[ChangeLineIn],
        request: AnyRequest,
        till: TillDependency,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Set how many pieces of a line are wanted."""
        return await _change(till, request, cart_token, idempotency_key, id, data.quantity)

    @delete("/lines/{id:uuid}", status_code=200)
    async def remove(
        self,
        id: FromPath[UUID],
        request: AnyRequest,
        till: TillDependency,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Take a line out and let go what it held."""
        return await _change(till, request, cart_token, idempotency_key, id, 0)


async def _change(
    till: Till, request: AnyRequest, token: str | None, key: str | None, line_id: UUID, quantity: int
) -> Response[bytes]:
    if (id := cart_id(token)) is None:
        raise NotFound
    command = ChangeLine(key=await key_of(request, key, token), cart_id=id, line_id=line_id, quantity=quantity)
    return answered(await till.submit(command))


class CheckoutController(Controller):
    path = "/api/v1"
    cache_control = PERSONAL
    tags = ["Checkout"]

    @post("/checkout", status_code=201)
    async def checkout(
        self,
        data: JSONBody[CheckoutIn],
        request: AnyRequest,
        till: TillDependency,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Turn the cart, or the lines given, into an order; then pay it at `pay_url`, or ask for a payment."""
        return answered(await till.submit(await _place(data, request, cart_token, idempotency_key)))

    @get("/orders/{number:str}")
    async def order(self, number: FromPath[str], key: OrderKey, reads: Reads) -> OrderOut:
        """An order with its tickets, for who holds its key."""
        return await show_order(reads, await find_order(reads, number, key))

    @post("/orders/{number:str}/payments", status_code=201)
    async def pay(
        self,
        number: FromPath[str],
        key: OrderKey,
        data: JSONBody[PayIn],
        request: AnyRequest,
        db: Db,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Where to pay the order. Repeating it resumes the same payment."""
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        request_id = await key_of(request, idempotency_key, key)
        if kept := await claim(db, request_id):
            return answered(kept)
        return answered(await _pay(db, order["id"], data.provider, request_id))

    @post("/orders/{number:str}/cancel", status_code=200)
    async def cancel(self, number: FromPath[str], key: OrderKey, db: Db) -> OrderOut:
        """Call off an order that is not paid yet."""
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        await cancel(db, order["id"], actor="buyer")
        async with db.reads() as reads:
            return await show_order(reads, await find_order(reads, number, key))


async def _place(data: JSONBody[CheckoutIn], request: AnyRequest, token: str | None, key: str | None) -> Place:
    if data.lines is None and token is None:
        raise CartEmpty
    if data.lines is not None and token is not None:
        raise CartOrLines
    return Place(
        key=await key_of(request, key, token),
        cart_id=cart_id(token),
        lines=tuple(map(_wanted, data.lines or ())),
        email=data.email.lower(),
        name=data.name.strip(),
        ships=data.delivery is Delivery.ship,
        address=msgspec.to_builtins(data.address) if data.address and data.delivery is Delivery.ship else None,
        currency=data.currency or settings.currency,
        locale=data.locale or locale_of(request),
        expected_total=data.expected_total,
    )


async def _pay(db: Database, order_id: UUID, provider: str, request_id: RequestKey) -> KeptAnswer:
    """The answer is kept once there is one; a failure gives the key back."""
    answer = None
    try:
        payment: PayOut = await start_payment(db, order_id, provider=provider)
        answer = KeptAnswer(201, msgspec.json.encode(payment))
        return answer
    finally:
        await settle_claim(db, request_id, answer)


def _wanted(line: AddLineIn) -> WantedLine:
    return WantedLine(line.offer, line.quantity, line.price)
