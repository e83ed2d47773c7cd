"""What PayPal's orders, captures, refunds and disputes mean, and its events.

https://developer.paypal.com/api/rest/webhooks/event-names/. What does not carry our id is another's: a PayPal account
may serve more than this shop.
"""

from collections.abc import Collection
from uuid import UUID

from apps.payments.models import DisputeState, Failure, PaymentState, RefundState, WebhookProblem
from apps.payments.paypal.objects import Capture, Dispute, Event, Order, Refund, Reversed, read_object
from apps.payments.providers import DisputeReport, Meaning, NotUnderstood, OwnRefundReport, RefundReport, Report

NO_CURRENCY = "XXX"  # ISO 4217; of a report without money, where PayPal leaves the amount out
REFUND = "refund-"
"""What the `custom_id` of our refunds begins with; that of a payment is its id alone."""
FAILURES = {
    "INSTRUMENT_DECLINED": Failure.declined,
    "TRANSACTION_REFUSED": Failure.declined,
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": Failure.declined,
    "CARD_EXPIRED": Failure.expired_card,
    "PAYER_CANNOT_PAY": Failure.other,
}
"""By PayPal's reasons for not taking the money of an order that is approved."""
CAPTURE_STATES = {
    "COMPLETED": PaymentState.confirmed,
    "PARTIALLY_REFUNDED": PaymentState.confirmed,
    "REFUNDED": PaymentState.confirmed,
    "PENDING": PaymentState.pending,
    "DECLINED": PaymentState.cancelled,
    "FAILED": PaymentState.cancelled,
}
"""The page of an order whose money did not come in the end cannot be used again, so its payment is over."""
REFUND_STATES = {"COMPLETED": RefundState.done, "FAILED": RefundState.failed, "CANCELLED": RefundState.failed}
LOST = ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")


def meaning_of(event: Event) -> Meaning | None:
    """None for what does not concern us."""
    data = event.resource
    match event.event_type.split("."):
        case ["CHECKOUT", "ORDER", "APPROVED"]:
            return _approved(read_object(data, Order))
        case ["CHECKOUT", "PAYMENT-APPROVAL", "REVERSED"]:
            return _approval_reversed(read_object(data, Reversed))
        case ["PAYMENT", "CAPTURE", "COMPLETED" | "PENDING" | "DENIED" | "DECLINED"]:
            return _capture_event(read_object(data, Capture))
        case ["PAYMENT", "CAPTURE", "REFUNDED" | "REVERSED"] | ["PAYMENT", "REFUND", "PENDING" | "FAILED"]:
            return _refund_event(read_object(data, Refund))
        case ["CUSTOMER", "DISPUTE", "CREATED" | "UPDATED" | "RESOLVED"]:
            return _dispute(read_object(data, Dispute))
    return None


def order_report(order: Order, failure: Failure | None = None, *, is_over: bool = False) -> Report:
    """`is_over`: nobody will take the money of an order that is not captured yet.

    An order that waits for the fan looks alike before a card was declined and after, so that it says nothing new.
    """
    unit = order.purchase_units[0]
    payment_id = _payment_id(unit.custom_id)
    if payment_id is None:
        raise NotUnderstood(WebhookProblem.unknown_payment, order.id)
    if order.capture:
        return _capture_report(order.capture, payment_id, order.id)
    state = PaymentState.failed if failure else PaymentState.created
    if is_over or order.status == "VOIDED":
        state, failure = PaymentState.cancelled, None
    return Report(payment_id, state, 0, unit.amount.currency_code if unit.amount else NO_CURRENCY, failure, order.id)


def failure_of(issues: Collection[str]) -> Failure | None:
    return next((FAILURES[each] for each in FAILURES if each in issues), None)


def refund_report(refund: Refund, refund_id: UUID) -> RefundReport:
    return RefundReport(refund_id, REFUND_STATES.get(refund.status, RefundState.in_transit), refund.id)


def _payment_id(custom_id: str) -> UUID | None:
    try:
        return UUID(custom_id)
    except ValueError:
        return None


def _approved(order: Order) -> Report | None:
    unit = order.purchase_units[0]
    if (payment_id := _payment_id(unit.custom_id)) is None:
        return None
    currency = unit.amount.currency_code if unit.amount else NO_CURRENCY
    return Report(payment_id, PaymentState.pending, 0, currency, reference=order.id, is_approved=True)


def _approval_reversed(reversed: Reversed) -> Report | None:
    """The fan's yes was not used in time."""
    payment_id = _payment_id(reversed.purchase_units[0].custom_id)
    return (
        Report(payment_id, PaymentState.cancelled, 0, NO_CURRENCY, reference=reversed.order_id) if payment_id else None
    )


def _capture_event(capture: Capture) -> Report | None:
    payment_id = _payment_id(capture.custom_id)
    return _capture_report(capture, payment_id, capture.supplementary_data.related_ids.order_id) if payment_id else None


def _capture_report(capture: Capture, payment_id: UUID, order_id: str | None) -> Report:
    state = CAPTURE_STATES.get(capture.status, PaymentState.pending)
    captured = capture.amount.amount if state is PaymentState.confirmed else 0
    failure = Failure.declined if state is PaymentState.cancelled else None
    fee, currency = capture.fee if captured else 0, capture.amount.currency_code
    return Report(payment_id, state, captured, currency, failure, order_id, capture.id, fee=fee)


def _refund_event(refund: Refund) -> RefundReport | OwnRefundReport:
    if refund.custom_id.startswith(REFUND):
        return refund_report(refund, UUID(refund.custom_id.removeprefix(REFUND)))
    return OwnRefundReport(refund.capture_id, refund.id, refund.amount.amount, refund.amount.currency_code)


def _dispute(dispute: Dispute) -> DisputeReport:
    state = DisputeState.open
    if dispute.status == "RESOLVED":
        state = DisputeState.lost if dispute.dispute_outcome.outcome_code in LOST else DisputeState.won
    capture, money = dispute.disputed_transactions[0].seller_transaction_id, dispute.dispute_amount
    return DisputeReport(capture, dispute.dispute_id, state, money.amount, money.currency_code, dispute.reason)
