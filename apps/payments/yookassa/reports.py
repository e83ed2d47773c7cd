"""What YooKassa's payments and refunds mean. https://yookassa.ru/developers/api

A YooKassa shop may serve more than this site: what does not carry our id is another's.
"""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from babel.numbers import get_currency_precision
from msgspec import Meta, Struct

from apps.payments.models import Failure, PaymentState, RefundState, WebhookProblem
from apps.payments.providers import NotUnderstood, OwnRefundReport, RefundReport, Report

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}$")]
PAYMENT, REFUND = "payment_id", "refund_id"
"""What our ids are called in YooKassa's `metadata`."""
STATES = {
    "pending": PaymentState.pending,
    "waiting_for_capture": PaymentState.pending,
    "succeeded": PaymentState.confirmed,
    "canceled": PaymentState.cancelled,
}
REFUND_STATES = {"succeeded": RefundState.done, "canceled": RefundState.failed, "pending": RefundState.in_transit}
NO_FAILURE = frozenset(("canceled_by_merchant", "expired_on_capture", "expired_on_confirmation"))
FAILURES = {
    "3d_secure_failed": Failure.not_authenticated,
    "call_issuer": Failure.declined,
    "card_expired": Failure.expired_card,
    "country_forbidden": Failure.declined,
    "fraud_suspected": Failure.declined,
    "general_decline": Failure.declined,
    "insufficient_funds": Failure.insufficient_funds,
    "invalid_card_number": Failure.declined,
    "invalid_csc": Failure.declined,
    "payment_method_limit_exceeded": Failure.declined,
    "payment_method_restricted": Failure.declined,
}


class Amount(Struct):
    value: Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$")]
    currency: str


class Confirmation(Struct):
    confirmation_url: str | None = None


class CancellationDetails(Struct):
    reason: str


class Payment(Struct, omit_defaults=True):
    id: Id
    status: Literal["pending", "waiting_for_capture", "succeeded", "canceled"]
    amount: Amount
    income_amount: Amount | None = None
    metadata: dict[str, str] | None = None
    confirmation: Confirmation | None = None
    cancellation_details: CancellationDetails | None = None


class Refund(Struct, omit_defaults=True):
    id: Id
    payment_id: Id
    status: Literal["pending", "succeeded", "canceled"]
    amount: Amount
    metadata: dict[str, str] | None = None


class Refunds(Struct):
    type: Literal["list"]
    items: list[Refund]


class Named(Struct):
    """Of what a notification says, all that is looked at: which object to ask for."""

    id: Id


class Notification(Struct):
    event: str
    object: Named


class Event(Struct, omit_defaults=True):
    """What YooKassa said when it was asked about a notification; nothing of one that does not concern us."""

    payment: Payment | None = None
    refund: Refund | None = None


def to_yookassa(amount: int, currency: str) -> Amount:
    digits = get_currency_precision(currency)
    return Amount(f"{Decimal(amount).scaleb(-digits):.{digits}f}", currency)


def from_yookassa(amount: Amount) -> int:
    """Raises NotUnderstood for a part of our smallest unit."""
    ours = Decimal(amount.value).scaleb(get_currency_precision(amount.currency))
    if ours != int(ours):
        raise NotUnderstood(WebhookProblem.impossible, f"{amount.value} {amount.currency}")
    return int(ours)


def payment_report(payment: Payment) -> Report | None:
    """None for a payment that is not ours. A declined one cannot be tried again: it is over."""
    if not (ours := (payment.metadata or {}).get(PAYMENT)):
        return None
    state = STATES[payment.status]
    is_paid = state is PaymentState.confirmed
    captured = from_yookassa(payment.amount) if is_paid else 0
    charge = payment.id if is_paid else None
    fee, failure = _fee(payment) if is_paid else 0, _failure(payment)
    return Report(UUID(ours), state, captured, payment.amount.currency, failure, payment.id, charge, fee=fee)


def _fee(payment: Payment) -> int:
    """What does not come to us of the amount; 0 where YooKassa does not say."""
    income = payment.income_amount
    if income is None or income.currency != payment.amount.currency:
        return 0
    return max(0, from_yookassa(payment.amount) - from_yookassa(income))


def _failure(payment: Payment) -> Failure | None:
    reason = payment.cancellation_details.reason if payment.cancellation_details else ""
    if payment.status != "canceled" or not reason or reason in NO_FAILURE:
        return None
    return FAILURES.get(reason, Failure.other)


def refund_report(refund: Refund) -> RefundReport | OwnRefundReport:
    if ours := (refund.metadata or {}).get(REFUND):
        return RefundReport(UUID(ours), REFUND_STATES[refund.status], refund.id)
    return OwnRefundReport(refund.payment_id, refund.id, from_yookassa(refund.amount), refund.amount.currency)
