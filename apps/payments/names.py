"""Labels of payments and their states."""

from collections.abc import Mapping
from typing import Any

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.payments.models import DisputeState, Failure, PaymentState, RefundState, WebhookProblem

FAILURES: Mapping[Any, Lazy] = {
    Failure.declined: _("The bank declined the card."),
    Failure.insufficient_funds: _("There was not enough money on the card."),
    Failure.expired_card: _("The card has expired."),
    Failure.not_authenticated: _("The payment was not confirmed with the bank."),
    Failure.other: _("The provider gave no reason."),
}
PROBLEMS: Mapping[Any, Lazy] = {
    WebhookProblem.unreadable: _("Cannot be read."),
    WebhookProblem.unknown_kind: _("Unknown type."),
    WebhookProblem.unknown_payment: _("Unknown payment."),
    WebhookProblem.unknown_refund: _("Unknown refund."),
    WebhookProblem.impossible: _("An impossible amount."),
}
PAYMENT_STATES: Mapping[Any, Lazy] = {
    PaymentState.created: _("Not started"),
    PaymentState.pending: _("At the provider"),
    PaymentState.failed: _("Failed"),
    PaymentState.cancelled: _("Cancelled"),
    PaymentState.confirmed: _("Received"),
}
DISPUTE_STATES: Mapping[Any, Lazy] = {
    DisputeState.open: _("The bank is deciding"),
    DisputeState.won: _("Decided in our favour"),
    DisputeState.lost: _("Decided for the customer"),
}
REFUND_STATES: Mapping[Any, Lazy] = {
    RefundState.created: _("Waiting"),
    RefundState.in_transit: _("On its way"),
    RefundState.done: _("Done"),
    RefundState.failed: _("Failed"),
}
