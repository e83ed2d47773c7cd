"""PayPal's objects, as answers and events have them.

https://developer.paypal.com/docs/api/orders/v2/, /payments/v2/ and /customer-disputes/v1/. Only what is used is read.
"""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from apps.payments.paypal.currencies import from_paypal

Kind = TypeVar("Kind")
Id = Annotated[str, Meta(min_length=1, max_length=200)]


class Event(Struct):
    id: Id
    event_type: str
    resource: dict[str, Any]


class Money(Struct):
    currency_code: str
    value: str

    @property
    def amount(self) -> int:
        return from_paypal(self.value, self.currency_code)


class Link(Struct):
    rel: str
    href: Annotated[str, Meta(max_length=2000)]


class RelatedIds(Struct):
    order_id: Id | None = None


class SupplementaryData(Struct):
    related_ids: RelatedIds = msgspec.field(default_factory=RelatedIds)


class Receivable(Struct):
    """What of a capture comes to us, once PayPal knows."""

    paypal_fee: Money | None = None


class Capture(Struct):
    id: Id
    status: str
    amount: Money
    custom_id: str = ""
    seller_receivable_breakdown: Receivable = msgspec.field(default_factory=Receivable)
    supplementary_data: SupplementaryData = msgspec.field(default_factory=SupplementaryData)

    @property
    def fee(self) -> int:
        """Of the same currency; 0 where PayPal does not say."""
        fee = self.seller_receivable_breakdown.paypal_fee
        return max(0, fee.amount) if fee and fee.currency_code == self.amount.currency_code else 0


class Payments(Struct):
    captures: list[Capture] = []


class PurchaseUnit(Struct):
    custom_id: str = ""
    amount: Money | None = None
    payments: Payments = msgspec.field(default_factory=Payments)


class Order(Struct):
    id: Id
    status: str
    purchase_units: Annotated[list[PurchaseUnit], Meta(min_length=1)]
    links: list[Link] = []
    update_time: str = ""

    @property
    def capture(self) -> Capture | None:
        captures = self.purchase_units[0].payments.captures
        return captures[-1] if captures else None

    @property
    def pay_url(self) -> str | None:
        return next((each.href for each in self.links if each.rel in ("payer-action", "approve")), None)


class Reversed(Struct):
    order_id: Id
    purchase_units: Annotated[list[PurchaseUnit], Meta(min_length=1)]


class Refund(Struct):
    id: Id
    status: str
    amount: Money
    custom_id: str = ""
    links: list[Link] = []

    @property
    def capture_id(self) -> str:
        """The end of its link upwards; such a link is the only place where a refund names its capture."""
        return next((each.href.rpartition("/")[2] for each in self.links if each.rel == "up"), "")


class DisputedTransaction(Struct):
    seller_transaction_id: Id


class Outcome(Struct):
    outcome_code: str = ""


class Dispute(Struct):
    dispute_id: Id
    status: str
    dispute_amount: Money
    disputed_transactions: Annotated[list[DisputedTransaction], Meta(min_length=1)]
    reason: Annotated[str, Meta(max_length=100)] = ""
    dispute_outcome: Outcome = msgspec.field(default_factory=Outcome)


def read_object(data: Mapping[str, Any], kind: type[Kind]) -> Kind:
    return msgspec.convert(data, kind)
