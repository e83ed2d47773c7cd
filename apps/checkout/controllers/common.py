"""What checkout's routes share: the cart token, the queue, and how stored responses are sent."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import HeaderParameter, QueryParameter

from apps.accounts.guards import NotSignedIn, find_current_user
from apps.checkout.cart_view import CART_KEY
from apps.checkout.order_view import find_order, find_own_order
from apps.checkout.paying.payment_queue import PaymentQueue
from apps.checkout.queue.checkout_queue import CheckoutQueue
from apps.checkout.queue.commands import WantedLine
from apps.checkout.queue.hold_limits import CustomerHoldLimit, NetworkLimit
from apps.checkout.queue.sale_rules import (
    CustomerLimit,
    MembersOnly,
    NoPrice,
    NotOnSale,
    OfferGone,
    PriceNotNamed,
    PriceTooLow,
    SoldOut,
    TooMany,
)
from apps.checkout.schemas import AddLineIn
from apps.core.db.database import Database
from apps.core.errors import NotFound
from apps.core.http.idempotency import RequestKey, StoredResponse, request_key
from apps.core.http.requests import AnyRequest
from apps.core.security.networks import network_key
from apps.core.security.signing import unsign
from project.settings import settings

CartToken = Annotated[str | None, HeaderParameter(name="Cart-Token", max_length=100, required=False)]
OrderKey = Annotated[
    str | None,
    QueryParameter(
        name="key", max_length=100, required=False, description="The order's; not needed by who placed it signed in."
    ),
]
NOT_YOURS = (NotFound, NotSignedIn)
NOT_TO_BE_HELD = (NotOnSale, MembersOnly, TooMany, CustomerLimit, SoldOut, NetworkLimit, CustomerHoldLimit)
NOT_TO_BE_HAD = (OfferGone, NoPrice, PriceNotNamed, PriceTooLow, *NOT_TO_BE_HELD)


def checkout_queue_of(request: AnyRequest) -> CheckoutQueue:
    """Not injected: when all want the same tickets, that would be a tenth of what a request costs before its batch."""
    queue: CheckoutQueue = request.app.state.checkout_queue
    return queue


def payment_queue_of(request: AnyRequest) -> PaymentQueue:
    queue: PaymentQueue = request.app.state.payment_queue
    return queue


def cart_id(token: str | None) -> UUID | None:
    """The cart a token names; NotFound for a token that is not ours."""
    if token is None:
        return None
    if (signed := unsign(CART_KEY, token)) is None:
        raise NotFound
    return signed.id


def customers_network(request: AnyRequest) -> int | None:
    """Whose share counts what is held; None where no shares are counted."""
    return network_key(request) if settings.held_per_network else None


async def key_of(request: AnyRequest, key: str | None, caller: str | None) -> RequestKey:
    body = await request.body() if key else b""
    return request_key(caller=caller or "", method=request.method, path=request.scope["path"], key=key, body=body)


def answered(answer: StoredResponse) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type="application/json")


def wanted_line(line: AddLineIn) -> WantedLine:
    return WantedLine(line.offer, line.quantity, line.price)


async def order_of(db: Database, request: AnyRequest, number: str, key: str | None) -> Any:
    """The columns of the order that the key opens, or that who is signed in has placed."""
    current_user = None if key else await find_current_user(request)
    async with db.reads() as reads:
        if key:
            return await find_order(reads, number, key)
        if current_user is None:
            raise NotSignedIn
        return await find_own_order(reads, number, current_user.id)
