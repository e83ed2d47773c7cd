"""The API of the till: carts, checkout, orders, payments. Guests name a cart by its token and an order by its key."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from apps.accounts.guards import NotSignedIn, find_person
from apps.checkout.batch import Till
from apps.checkout.cart import CART_KEY, CartFull, CartPlaced, HeldTooLong, show_cart
from apps.checkout.desk import AddLine, ChangeLine, Place, WantedLine
from apps.checkout.end import BeingPaid, NotPending, cancel
from apps.checkout.limits import CART_CHANGES, CHECKOUTS, ORDER_LOOKS, PAYMENTS
from apps.checkout.pay import TooLateToPay, start_payment
from apps.checkout.place import AddressMissing, CartEmpty, CartOrLines, NotSentThere, PriceChanged
from apps.checkout.schemas import (
    AddLineIn,
    CartOut,
    ChangeLineIn,
    CheckoutIn,
    Delivery,
    OrderOut,
    PayIn,
    PayOut,
    PlacedOrderOut,
)
from apps.checkout.selling import (
    CustomerLimit,
    NoPrice,
    NotOnSale,
    OfferGone,
    PriceNotNamed,
    PriceTooLow,
    SoldOut,
    TooMany,
)
from apps.checkout.show import find_order, find_own_order, order_by_id, show_order
from apps.core.db import Database
from apps.core.errors import NotFound
from apps.core.idempotency import IdempotencyKey, KeptAnswer, RequestKey, claim, request_key, settle_claim
from apps.core.openapi import answers, problems
from apps.core.requests import PERSONAL, PUBLIC, AnyRequest, Db, Reads, locale_of
from apps.core.signing import unsign
from apps.payments.providers import ProviderDown, ProviderUnknown
from apps.payments.services import PaymentOver
from project.settings import settings

TillDependency = NamedDependency[Till]
CartToken = Annotated[str | None, HeaderParameter(name="Cart-Token", max_length=100, required=False)]
OrderKey = Annotated[
    str | None,
    QueryParameter(
        name="key", max_length=100, required=False, description="The order's; not needed by who placed it signed in."
    ),
]
NOT_YOURS = (NotFound, NotSignedIn)
NOT_TO_BE_HAD = (OfferGone, NotOnSale, NoPrice, PriceNotNamed, PriceTooLow, TooMany, SoldOut)
CHANGED_CART = answers(CartOut, status=200, description="The cart as it is now.") | problems(
    NotFound, CartPlaced, NotOnSale, TooMany, SoldOut, HeldTooLong
)


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
    opt = PUBLIC
    cache_control = PERSONAL
    tags = ["Cart"]

    @get("/", responses=problems(NotFound))
    async def show(self, reads: Reads, cart_token: CartToken = None) -> CartOut:
        """The cart that the Cart-Token header names."""
        if (id := cart_id(cart_token)) is None:
            raise NotFound
        return await show_cart(reads, id)

    @post(
        "/lines",
        status_code=201,
        operation_id="addCartLine",
        guards=[CART_CHANGES],
        responses=answers(CartOut, status=201, description="The cart, and until when it is held.")
        | problems(NotFound, CartFull, HeldTooLong, *NOT_TO_BE_HAD),
    )
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

    @patch("/lines/{id:uuid}", guards=[CART_CHANGES], responses=CHANGED_CART)
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

    @delete("/lines/{id:uuid}", status_code=200, guards=[CART_CHANGES], responses=CHANGED_CART)
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
    opt = PUBLIC
    cache_control = PERSONAL
    tags = ["Checkout"]

    @post(
        "/checkout",
        status_code=201,
        operation_id="placeOrder",
        guards=[CHECKOUTS],
        responses=answers(PlacedOrderOut, status=201, description="The order, and where to pay it.")
        | problems(
            NotFound,
            NotSignedIn,
            CartEmpty,
            CartOrLines,
            AddressMissing,
            NotSentThere,
            PriceChanged,
            CustomerLimit,
            *NOT_TO_BE_HAD,
        ),
    )
    async def checkout(
        self,
        data: JSONBody[CheckoutIn],
        request: AnyRequest,
        till: TillDependency,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Turn the cart, or the lines given, into an order; then pay it at `pay_url`, or ask for a payment.

        Of somebody who is signed in it becomes one of their orders.
        """
        return answered(await till.submit(await _place(data, request, cart_token, idempotency_key)))

    @get("/orders/{number:str}", guards=[ORDER_LOOKS], responses=problems(*NOT_YOURS))
    async def order(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None) -> OrderOut:
        """An order with its tickets, for who holds its key or placed it signed in."""
        order = await _order_of(db, request, number, key)
        async with db.reads() as reads:
            return await show_order(reads, order)

    @post(
        "/orders/{number:str}/payments",
        status_code=201,
        operation_id="payOrder",
        guards=[PAYMENTS],
        responses=answers(PayOut, status=201, description="Where to pay.")
        | problems(*NOT_YOURS, NotPending, BeingPaid, TooLateToPay, ProviderUnknown, ProviderDown, PaymentOver),
    )
    async def pay(
        self,
        number: FromPath[str],
        data: JSONBody[PayIn],
        request: AnyRequest,
        db: Db,
        key: OrderKey = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Where to pay the order. Repeating it resumes the same payment."""
        order = await _order_of(db, request, number, key)
        request_id = await key_of(request, idempotency_key, str(order["id"]))
        if kept := await claim(db, request_id):
            return answered(kept)
        return answered(await _pay(db, order["id"], data.provider, request_id))

    @post(
        "/orders/{number:str}/cancel",
        status_code=200,
        guards=[ORDER_LOOKS],
        responses=problems(*NOT_YOURS, NotPending, BeingPaid),
    )
    async def cancel(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None) -> OrderOut:
        """Call off an order that is not paid yet."""
        order = await _order_of(db, request, number, key)
        await cancel(db, order["id"], actor="buyer")
        async with db.reads() as reads:
            return await show_order(reads, await order_by_id(reads, order["id"]))


async def _order_of(db: Database, request: AnyRequest, number: str, key: str | None) -> Any:
    """The columns of the order that the key opens, or that who is signed in has placed."""
    person = await find_person(request) if key is None else None
    async with db.reads() as reads:
        if key is not None:
            return await find_order(reads, number, key)
        if person is None:
            raise NotSignedIn
        return await find_own_order(reads, number, person.id)


async def _place(data: JSONBody[CheckoutIn], request: AnyRequest, token: str | None, key: str | None) -> Place:
    if data.lines is None and token is None:
        raise CartEmpty
    if data.lines is not None and token is not None:
        raise CartOrLines
    person = await find_person(request)
    user_id = person.id if person else None
    return Place(
        key=await key_of(request, key, token or (str(user_id) if user_id else None)),
        cart_id=cart_id(token),
        lines=tuple(map(_wanted, data.lines or ())),
        email=data.email.lower(),
        name=data.name.strip(),
        ships=data.delivery is Delivery.ship,
        address=msgspec.to_builtins(data.address) if data.address and data.delivery is Delivery.ship else None,
        currency=data.currency or settings.currency,
        locale=data.locale or locale_of(request),
        expected_total=data.expected_total,
        user_id=user_id,
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
