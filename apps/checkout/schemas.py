"""API schemas of checkout. Amounts are minor units of `currency`, prices include tax, times are UTC."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.postal import Address
from apps.core.text.string_types import Amount, Currency, Email, Locale, Quantity, Text
from apps.orders.kinds.parts import Part
from apps.orders.models import OrderDispute, OrderState
from apps.payments.models import Failure


class Delivery(StrEnum):
    """How what has to be shipped comes to the fan: by post, or at the merch table of a concert."""

    ship = "ship"
    pickup = "pickup"


class AddLineIn(Struct, forbid_unknown_fields=True):
    """`price` names the fan's own price where the offer asks for one."""

    offer: UUID
    quantity: Quantity = 1
    price: Annotated[Amount | None, Meta(examples=[None])] = None


class ChangeLineIn(Struct, forbid_unknown_fields=True):
    """How many pieces are wanted of a line."""

    quantity: Quantity


class CheckoutIn(Struct, forbid_unknown_fields=True):
    """A cart (named by the Cart-Token header) or `lines` are turned into an order.

    With `expected_total`, a total that has changed since the customer saw it is refused.
    """

    email: Email
    name: Text = ""
    lines: Annotated[list[AddLineIn], Meta(min_length=1, max_length=50)] | None = None
    delivery: Delivery = Delivery.ship
    address: Address | None = None
    currency: Currency | None = None
    locale: Locale | None = None
    expected_total: Annotated[Amount | None, Meta(examples=[None])] = None


class PayIn(Struct, forbid_unknown_fields=True):
    """`provider` is one of the order's `ways_to_pay`."""

    provider: Annotated[str, Meta(min_length=1, max_length=20)]


class CartLineOut(Struct):
    """`held` is false when the clock ran out; `problem` says why a line cannot be bought as it stands."""

    id: UUID
    offer: UUID
    kind: str
    title: str
    quantity: int
    unit_price: int
    total: int
    held: bool
    problem: str | None


class CartOut(Struct):
    """`token` goes into the Cart-Token header of later requests; `expires_at` is when held units are let go.

    `placed`: it has become an order and cannot be changed; begin a new one. `trimmed`: when carts of two devices became
    one, not everything fitted within the limits; until the next change.
    """

    token: str
    placed: bool
    trimmed: bool
    currency: str
    lines: list[CartLineOut]
    subtotal: int
    shipping: int
    tax: int
    total: int
    expires_at: AwareDatetime | None


class OrderLineOut(Struct):
    """What was ordered, at the price agreed; `refunded_quantity` pieces were given back."""

    id: UUID
    offer: UUID
    kind: str
    title: str
    quantity: int
    unit_price: int
    total: int
    refunded_quantity: int


class WayToPayOut(Struct):
    """`provider` is what to ask for a payment with, `name` what fans choose it by."""

    provider: str
    name: str


class PlacedOrderOut(Struct):
    """`key` opens the order for a guest (`?key=`); `pay_url` is where to pay, null when nothing is left to pay.

    `ways_to_pay` are those that take this amount, none when nothing is left to pay.
    """

    number: str
    state: OrderState
    currency: str
    lines: list[OrderLineOut]
    subtotal: int
    shipping: int
    tax: int
    total: int
    pay_until: AwareDatetime
    key: str
    url: str
    pay_url: str | None
    ways_to_pay: list[WayToPayOut]


class OrderOut(PlacedOrderOut):
    """An order for its customer: `payment` and `refunded` are about money, `parts` about what came of its lines.

    `payment_failure`: why the last payment did not go through. While there is a `dispute` about the payment, or when it
    was lost, tickets are not valid and nothing is sent.
    """

    email: str
    name: str
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None
    refunded: int
    payment: str | None
    payment_failure: Failure | None
    dispute: OrderDispute | None
    parts: list[Part]


class PayOut(Struct):
    """Send the customer to `pay_url`."""

    payment: UUID
    state: str
    pay_url: str
