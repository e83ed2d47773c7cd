"""Checkout over the API: orders and their payments. A guest's order is named by its number and key."""

from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import NotSignedIn, find_current_user
from apps.checkout.controllers.common import (
    NOT_TO_BE_HAD,
    NOT_YOURS,
    CartToken,
    OrderKey,
    answered,
    cart_id,
    checkout_queue_of,
    customers_network,
    key_of,
    order_of,
    payment_queue_of,
    wanted_line,
)
from apps.checkout.limits import CHECKOUTS, ORDER_LOOKS, PAYMENTS
from apps.checkout.order_view import order_by_id, order_view
from apps.checkout.paying.cancel import BeingPaid, NotPending, cancel
from apps.checkout.paying.pay import start_payment
from apps.checkout.paying.payment_queue import PaymentQueue, TooLateToPay
from apps.checkout.queue.cart import CartPlaced
from apps.checkout.queue.commands import PlaceOrder
from apps.checkout.queue.place_order import AddressMissing, CartEmpty, CartOrLines, NotSentThere, PriceChanged
from apps.checkout.schemas import CheckoutIn, Delivery, OrderOut, PayIn, PayOut, PlacedOrderOut
from apps.core.db.database import Database
from apps.core.errors import NotFound
from apps.core.http.idempotency import IdempotencyKey, RequestKey, StoredResponse, claim, settle_claim
from apps.core.http.openapi import problems, success_response
from apps.core.http.requests import MAY_SIGN_IN, SECRET, SMALL_BODY, AnyRequest, Db, locale_of
from apps.core.text.postal_rules import refuse_wrong_customer
from apps.payments.providers import ProviderDown, ProviderRefused, ProviderUnfit, ProviderUnknown
from apps.payments.starting.open_pages import PaymentOver
from apps.payments.starting.prepare import PaymentElsewhere
from project.settings import settings

PROVIDER_SAYS_NO = (ProviderUnknown, ProviderUnfit, ProviderDown, ProviderRefused)


class CheckoutController(Controller):
    path = "/api/v1"
    opt = MAY_SIGN_IN
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Checkout"]

    @post(
        "/checkout",
        status_code=201,
        operation_id="placeOrder",
        limit=CHECKOUTS,
        responses=success_response(PlacedOrderOut, status=201, description="The order, and where to pay it.")
        | problems(
            NotFound,
            NotSignedIn,
            CartEmpty,
            CartOrLines,
            CartPlaced,
            AddressMissing,
            NotSentThere,
            PriceChanged,
            *NOT_TO_BE_HAD,
        ),
    )
    async def checkout(
        self,
        data: JSONBody[CheckoutIn],
        request: AnyRequest,
        cart_token: CartToken = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Turn the cart, or the lines given, into an order; then pay it at `pay_url`, or ask for a payment.

        Of somebody who is signed in it becomes one of their orders.
        """
        command = await _place(data, request, cart_token, idempotency_key)
        return answered(await checkout_queue_of(request).submit(command))

    @get("/orders/{number:str}", limit=ORDER_LOOKS, responses=problems(*NOT_YOURS))
    async def order(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None) -> OrderOut:
        """An order with its tickets and parcels, for who holds its key or placed it signed in."""
        order = await order_of(db, request, number, key)
        async with db.reads() as reads:
            return await order_view(reads, order, locale=locale_of(request))

    @post(
        "/orders/{number:str}/payments",
        status_code=201,
        operation_id="payOrder",
        limit=PAYMENTS,
        responses=success_response(PayOut, status=201, description="Where to pay.")
        | problems(*NOT_YOURS, NotPending, BeingPaid, TooLateToPay, *PROVIDER_SAYS_NO, PaymentOver, PaymentElsewhere),
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
        """Where to pay the order. Repeating it resumes the same payment.

        With another provider, the page that was started before is closed first.
        """
        order = await order_of(db, request, number, key)
        request_id = await key_of(request, idempotency_key, str(order.id))
        if kept := await claim(db, request_id):
            return answered(kept)
        return answered(await _pay(db, payment_queue_of(request), order.id, data.provider, request_id))

    @post(
        "/orders/{number:str}/cancel",
        status_code=200,
        limit=ORDER_LOOKS,
        responses=problems(*NOT_YOURS, NotPending, BeingPaid),
    )
    async def cancel(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None) -> OrderOut:
        """Call off an order that is not paid yet."""
        order = await order_of(db, request, number, key)
        await cancel(db, order.id, actor=f"user:{order.user_id}" if order.user_id and not key else "customer")
        async with db.reads() as reads:
            return await order_view(reads, await order_by_id(reads, order.id), locale=locale_of(request))


async def _place(data: JSONBody[CheckoutIn], request: AnyRequest, token: str | None, key: str | None) -> PlaceOrder:
    if data.lines is not None and token is not None:
        raise CartOrLines
    address = msgspec.to_builtins(data.address) if data.address and data.delivery is Delivery.ship else None
    refuse_wrong_customer(data.name, address)
    current_user = await find_current_user(request)
    user_id = current_user.id if current_user else None
    if data.lines is None and token is None and user_id is None:
        raise CartEmpty
    return PlaceOrder(
        key=await key_of(request, key, token or (str(user_id) if user_id else None)),
        cart_id=cart_id(token),
        lines=tuple(map(wanted_line, data.lines or ())),
        email=data.email.lower(),
        name=data.name.strip(),
        ships=data.delivery is Delivery.ship,
        address=address,
        currency=data.currency or settings.currency,
        locale=data.locale or locale_of(request),
        expected_total=data.expected_total,
        network=customers_network(request),
        user_id=user_id,
    )


async def _pay(
    db: Database, queue: PaymentQueue, order_id: UUID, provider: str, request_id: RequestKey
) -> StoredResponse:
    """The answer is kept once there is one; a failure gives the key back."""
    answer = None
    try:
        payment = await start_payment(db, queue, order_id, provider=provider)
        answer = StoredResponse(201, msgspec.json.encode(PayOut(payment.id, payment.state, str(payment.pay_url))))
        return answer
    finally:
        await settle_claim(db, request_id, answer)
