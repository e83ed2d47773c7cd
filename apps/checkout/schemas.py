"""What goes in and comes out at the till. Amounts are minor units of `currency`, prices include tax, times are UTC."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.orders.models import OfferKind, OrderState

Quantity = Annotated[int, Meta(ge=1, le=1000)]
Amount = Annotated[int, Meta(ge=0, le=100_000_000)]
END = r"$(?!\n)"  # Python's $ alone also matches before a last newline
Text = Annotated[str, Meta(max_length=200, pattern=rf"^[^\x00-\x1f]*{END}")]
FilledText = Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^[^\x00-\x1f]*\S[^\x00-\x1f]*{END}")]
Email = Annotated[
    str,
    Meta(max_length=254, pattern=rf"^(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+{END}"),
]
"""As HTML's `type=email` has it; without `=?`, which mail programs read as an encoded word."""
Currency = Annotated[str, Meta(pattern=rf"^[A-Z]{{3}}{END}")]
Locale = Annotated[str, Meta(pattern=rf"^(en|ru){END}")]


class Delivery(StrEnum):
    """How merch comes to the fan: by post, or at the merch table of a concert."""

    ship = "ship"
    pickup = "pickup"


class AddLineIn(Struct, forbid_unknown_fields=True):
    """`price` names the fan's own price where the offer asks for one."""

    offer: UUID
    quantity: Quantity = 1
    price: Amount | None = None


class ChangeLineIn(Struct, forbid_unknown_fields=True):
    quantity: Quantity


class Address(Struct, forbid_unknown_fields=True, omit_defaults=True):
    line1: FilledText
    city: FilledText
    postal_code: Annotated[str, Meta(min_length=1, max_length=20, pattern=rf"^[^\x00-\x1f]*{END}")]
    country: Annotated[str, Meta(pattern=rf"^[A-Z]{{2}}{END}")]
    line2: Text = ""
    region: Text = ""


class CheckoutIn(Struct, forbid_unknown_fields=True):
    """A cart (named by the Cart-Token header) or `lines` are turned into an order.

    With `expected_total`, a total that has changed since the buyer saw it is refused.
    """

    email: Email
    name: Text = ""
    lines: Annotated[list[AddLineIn], Meta(min_length=1, max_length=50)] | None = None
    delivery: Delivery = Delivery.ship
    address: Address | None = None
    currency: Currency | None = None
    locale: Locale | None = None
    expected_total: Amount | None = None


class PayIn(Struct, forbid_unknown_fields=True):
    provider: Annotated[str, Meta(min_length=1, max_length=20)]


class CartLineOut(Struct):
    """`held` is false when the clock ran out; `problem` says why a line cannot be bought as it stands."""

    id: UUID
    offer: UUID
    kind: OfferKind
    title: str
    quantity: int
    unit_price: int
    total: int
    held: bool
    problem: str | None


class CartOut(Struct):
    """`token` goes into the Cart-Token header of later requests; `expires_at` is when held units are let go."""

    token: str
    currency: str
    lines: list[CartLineOut]
    subtotal: int
    shipping: int
    tax: int
    total: int
    expires_at: datetime | None


class OrderLineOut(Struct):
    id: UUID
    offer: UUID
    kind: OfferKind
    title: str
    quantity: int
    unit_price: int
    total: int
    refunded_quantity: int


class PlacedOut(Struct):
    """`key` opens the order for a guest (`?key=`); `pay_url` is where to pay, null when nothing is left to pay."""

    number: str
    state: OrderState
    currency: str
    lines: list[OrderLineOut]
    subtotal: int
    shipping: int
    tax: int
    total: int
    pay_until: datetime
    key: str
    url: str
    pay_url: str | None


class TicketOut(Struct):
    """`code` is what the door scans, null for a ticket that is no longer valid."""

    id: UUID
    line: UUID
    title: str
    state: str
    code: str | None


class ShipmentOut(Struct):
    line: UUID
    quantity: int
    state: str


class OrderOut(PlacedOut):
    email: str
    name: str
    placed_at: datetime
    paid_at: datetime | None
    refunded: int
    payment: str | None
    tickets: list[TicketOut]
    shipments: list[ShipmentOut]


class PayOut(Struct):
    """Send the buyer to `pay_url`."""

    payment: UUID
    state: str
    pay_url: str
