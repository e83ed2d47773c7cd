"""Staff API schemas of orders. Amounts are minor units of the order's currency."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from apps.checkout.schemas import OrderLineOut
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.postal import Address
from apps.core.text.string_types import Email, FilledText, Locale, Quantity, Text
from apps.orders.kinds.parts import Part
from apps.orders.models import OrderDispute, OrderState
from apps.orders.schemas import OrderListedOut
from apps.payments.models import Failure


class OrderFoundOut(OrderListedOut, kw_only=True):
    """`user`: whose account it was placed with, if any. `updated_at` is of the order and its parcels."""

    id: UUID
    email: str
    name: str
    user: UUID | None
    updated_at: AwareDatetime


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
    created_at: AwareDatetime
    confirmed_at: AwareDatetime | None


class RefundOut(Struct, kw_only=True):
    """Money on its way back, or there."""

    id: UUID
    payment: UUID
    amount: int
    state: str
    reason: str
    created_at: AwareDatetime


class TimelineEntryOut(Struct, kw_only=True):
    """What was done, by whom; `before` and `after` hold only what changed."""

    at: AwareDatetime
    actor: str
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


class OrderStaffOut(Struct, kw_only=True):
    """All there is about an order; `timeline` is the newest first, 200 entries at most."""

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
    placed_at: AwareDatetime
    pay_until: AwareDatetime
    paid_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    dispute: OrderDispute | None
    lines: list[OrderLineOut]
    parts: list[Part]
    payments: list[PaymentOut]
    refunds: list[RefundOut]
    timeline: list[TimelineEntryOut]


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


class ReceivedIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Minor units that have come, by a transfer or in cash. `note`: the date and name on the statement, who took it."""

    amount: Annotated[int, Meta(ge=1, le=2**53)]
    note: FilledText


class CustomerIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who ordered, and where it goes; nowhere when it is picked up."""

    name: Text = ""
    email: Email
    address: Address | None = None


class CompOrderLineIn(Struct, forbid_unknown_fields=True):
    """So many pieces of an offer."""

    offer: UUID
    quantity: Quantity


class CompOrderIn(CustomerIn, forbid_unknown_fields=True, kw_only=True):
    """What somebody gets free of charge, and why."""

    locale: Locale
    reason: FilledText
    lines: Annotated[list[CompOrderLineIn], Meta(min_length=1, max_length=50)]


class ResendIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """To `email`, else to the customer. With `new_codes` the old codes of tickets and the order's link stop working."""

    email: Annotated[Email | None, Meta(examples=[None])] = None
    new_codes: bool = False
