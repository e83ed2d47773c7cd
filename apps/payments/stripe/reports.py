"""What Stripe's objects mean: sessions, payment intents, refunds and disputes, as events and answers have them.

https://docs.stripe.com/api, version 2026-10-28.endive. What does not carry our id is another's: a Stripe account may
serve more than this shop.
"""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from apps.payments.models import DisputeState, Failure, PaymentState, RefundState
from apps.payments.providers import DisputeReport, Meaning, OwnRefundReport, RefundReport, Report
from apps.payments.stripe.currencies import from_stripe

Kind = TypeVar("Kind")
Id = Annotated[str, Meta(min_length=1, max_length=200)]
PAYMENT, REFUND = "payment", "refund"
"""What our ids are called in Stripe's `metadata`."""
FAILURES = {
    "insufficient_funds": Failure.insufficient_funds,
    "expired_card": Failure.expired_card,
    "authentication_required": Failure.not_authenticated,
    "payment_intent_authentication_failure": Failure.not_authenticated,
    "card_declined": Failure.declined,
}
REFUND_STATES = {"succeeded": RefundState.done, "failed": RefundState.failed, "canceled": RefundState.failed}
DISPUTE_STATES = {"won": DisputeState.won, "warning_closed": DisputeState.won, "lost": DisputeState.lost}


class Event(Struct):
    id: Id
    type: str
    data: dict[str, Any]


class IntentError(Struct):
    code: str | None = None
    decline_code: str | None = None


class Intent(Struct):
    id: Id
    status: str
    currency: str
    metadata: dict[str, str] = {}
    last_payment_error: IntentError | None = None


class Session(Struct):
    id: Id
    status: str
    payment_status: str
    currency: str | None = None
    amount_total: int | None = None
    url: str | None = None
    metadata: dict[str, str] | None = None
    payment_intent: Id | Intent | None = None

    @property
    def intent_id(self) -> str | None:
        return self.payment_intent.id if isinstance(self.payment_intent, Intent) else self.payment_intent


class Refund(Struct):
    id: Id
    status: str | None
    amount: int
    currency: str
    payment_intent: Id | None = None
    metadata: dict[str, str] | None = None
    created: int = 0


class Charge(Struct):
    """As it stands in Stripe's list; its metadata are those of its payment intent."""

    id: Id
    status: str
    captured: bool
    amount_captured: int
    currency: str
    created: int
    payment_intent: Id | None = None
    metadata: dict[str, str] | None = None


class Dispute(Struct):
    id: Id
    status: str
    amount: int
    currency: str
    reason: str = ""
    payment_intent: Id | None = None


def read_object(data: Mapping[str, Any], kind: type[Kind]) -> Kind:
    return msgspec.convert(data, kind)


def meaning_of(event: Event) -> Meaning | None:
    """None for what does not concern us."""
    data = event.data["object"]
    match event.type.split("."):
        case ["checkout", "session", what]:
            return _session_event(read_object(data, Session), what)
        case ["payment_intent", "payment_failed"]:
            return _failed_intent(read_object(data, Intent))
        case ["refund", *_] | ["charge", "refund", "updated"]:
            return _refund_event(read_object(data, Refund))
        case ["charge", "dispute", *_]:
            return _dispute(read_object(data, Dispute))
    return None  # of charge.refunded, the refund's own events tell more


def session_report(session: Session, payment_id: UUID, failure: Failure | None = None) -> Report:
    state, failure = _state(session, failure)
    currency = (session.currency or "").upper()
    captured = from_stripe(session.amount_total or 0, currency) if state is PaymentState.confirmed else 0
    return Report(payment_id, state, captured, currency, failure, session.id, session.intent_id)


def _state(session: Session, failure: Failure | None) -> tuple[PaymentState, Failure | None]:
    """A page that was completed without money cannot be used again, so its payment is over."""
    intent = session.payment_intent if isinstance(session.payment_intent, Intent) else None
    if intent and intent.last_payment_error and intent.status == "requires_payment_method":
        failure = _failure(intent)
    if session.status == "complete" and session.payment_status == "paid":
        return PaymentState.confirmed, None
    if session.status == "expired":
        return PaymentState.cancelled, None
    if failure:
        return (PaymentState.cancelled if session.status == "complete" else PaymentState.failed), failure
    return PaymentState.pending, None


def payment_id_of(session: Session) -> UUID | None:
    found = (session.metadata or {}).get(PAYMENT)
    return UUID(found) if found else None


def refund_report(refund: Refund, refund_id: UUID) -> RefundReport:
    return RefundReport(refund_id, REFUND_STATES.get(refund.status or "", RefundState.in_transit), refund.id)


def _session_event(session: Session, what: str) -> Report | None:
    payment_id = payment_id_of(session)
    failure = Failure.other if what == "async_payment_failed" else None
    return session_report(session, payment_id, failure) if payment_id else None


def _failed_intent(intent: Intent) -> Report | None:
    if not (payment_id := intent.metadata.get(PAYMENT)):
        return None
    currency = intent.currency.upper()
    return Report(UUID(payment_id), PaymentState.failed, 0, currency, _failure(intent), charge_reference=intent.id)


def _failure(intent: Intent) -> Failure:
    error = intent.last_payment_error or IntentError()
    return FAILURES.get(error.decline_code or "") or FAILURES.get(error.code or "") or Failure.other


def _refund_event(refund: Refund) -> RefundReport | OwnRefundReport:
    if refund_id := (refund.metadata or {}).get(REFUND):
        return refund_report(refund, UUID(refund_id))
    return OwnRefundReport(refund.payment_intent or "", refund.id, refund.amount, refund.currency.upper())


def _dispute(dispute: Dispute) -> DisputeReport:
    currency = dispute.currency.upper()
    state = DISPUTE_STATES.get(dispute.status, DisputeState.open)
    amount = from_stripe(dispute.amount, currency)
    return DisputeReport(dispute.payment_intent or "", dispute.id, state, amount, currency, dispute.reason)
