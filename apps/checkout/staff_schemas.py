"""Orders as staff see them, and what they do with them. Amounts are minor units of the order's currency."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from apps.checkout.schemas import Address, OrderLineOut, ShipmentOut, TicketConcertOut, TicketTypeNameOut
from apps.core.text.datetimes import Moment
from apps.core.text.string_types import Email, FilledText, Locale, Quantity, Text
from apps.orders.models import OrderState
from apps.orders.schemas import OrderListedOut
from apps.payments.models import Failure


class OrderFoundOut(OrderListedOut, kw_only=True):
    """`user`: whose account it was placed with, if any. `updated_at` is of the order and its parcels."""

    id: UUID
    email: str
    name: str
    user: UUID | None
    updated_at: Moment


class StaffTicketOut(Struct):
    """A ticket without its code, which opens the door."""

    id: UUID
    line: UUID
    title: str
    state: str
    concert: TicketConcertOut
    type: TicketTypeNameOut


class PaymentOut(Struct, kw_only=True):
    """A payment; `reference` is the provider's name for it, `failure` why it did not go through."""

    id: UUID
    provider: str
    reference: str | None
    state: str
    failure: Failure | None
    amount: int
    captured: int
    refunded: int
    currency: str
    created_at: Moment
    confirmed_at: Moment | None


class RefundOut(Struct, kw_only=True):
    """Money on its way back, or there."""

    id: UUID
    payment: UUID
    amount: int
    state: str
    reason: str
    created_at: Moment


class TrailOut(Struct, kw_only=True):
    """What was done, by whom; `before` and `after` hold only what changed."""

    at: Moment
    actor: str
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


class OrderStaffOut(Struct, kw_only=True):
    """All there is about an order; `trail` is the newest first, 200 entries at most."""

    id: UUID
    number: str
    state: OrderState
    email: str
    name: str
    address: dict[str, Any] | None
    locale: str
    user: UUID | None
    currency: str
    subtotal: int
    shipping: int
    tax: int
    total: int
    refunded: int
    placed_at: Moment
    pay_until: Moment
    paid_at: Moment | None
    delivered_at: Moment | None
    lines: list[OrderLineOut]
    tickets: list[StaffTicketOut]
    shipments: list[ShipmentOut]
    payments: list[PaymentOut]
    refunds: list[RefundOut]
    trail: list[TrailOut]


class RefundLineIn(Struct, forbid_unknown_fields=True):
    """So many pieces of a line."""

    line: UUID
    quantity: Quantity


class RefundIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """One of three: the `whole` rest of the order, pieces of `lines`, or an `amount` while the fan keeps the goods."""

    reason: FilledText
    whole: bool = False
    lines: Annotated[Annotated[list[RefundLineIn], Meta(min_length=1, max_length=50)] | None, Meta(examples=[None])] = (
        None
    )
    amount: Annotated[Annotated[int, Meta(ge=1, le=2**53)] | None, Meta(examples=[None])] = None


class RefundsInCurrencyOut(Struct, kw_only=True):
    """Orders that still have tickets, those that have none any more, and those whose refund failed.

    `amount_left` will go back to the first, `amount_refunded` was promised for the others since the concert was called
    off. `amount_failed` is money that could not be sent: a person has to refund it once more.
    """

    currency: str
    orders_left: int
    amount_left: int
    orders_refunded: int
    amount_refunded: int
    orders_failed: int
    amount_failed: int


class TicketRefundsOut(Struct, kw_only=True):
    """How far the refunds of a concert's tickets are, for each currency they were paid in."""

    concert: UUID
    currencies: list[RefundsInCurrencyOut]


class BuyerIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who ordered, and where it goes; nowhere when it is picked up."""

    name: Text = ""
    email: Email
    address: Address | None = None


class GiftLineIn(Struct, forbid_unknown_fields=True):
    """So many pieces of an offer."""

    offer: UUID
    quantity: Quantity


class GiftIn(BuyerIn, forbid_unknown_fields=True, kw_only=True):
    """What somebody gets free of charge, and why."""

    locale: Locale
    reason: FilledText
    lines: Annotated[list[GiftLineIn], Meta(min_length=1, max_length=50)]


class TrackingIn(Struct, forbid_unknown_fields=True):
    """The parcel service's number, or an address that begins with https://; empty for none. The buyer sees it."""

    tracking: Text


class ParcelsIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where all parcels of the order are now that may go there; with `shipped` a `tracking` number may come."""

    state: Annotated[Literal["packed", "shipped", "delivered", "picked_up", "returned"], Meta(examples=["packed"])]
    tracking: Text = ""


class ResendIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """To `email`, else to the buyer. With `new_codes` the old codes of tickets and the order's link stop working."""

    email: Annotated[Email | None, Meta(examples=[None])] = None
    new_codes: bool = False
