"""What things and their states are called in the back office."""

from collections.abc import Mapping
from typing import Any

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderState
from apps.payments.models import PaymentState, RefundState

SALES = _("Sales")
ORDER_STATES: Mapping[Any, Lazy] = {
    OrderState.pending: _("Unpaid"),
    OrderState.paid: _("Paid"),
    OrderState.refunded: _("Refunded"),
    OrderState.expired: _("Expired"),
    OrderState.cancelled: _("Cancelled"),
}
TAKEN_BACK = _("Taken back")
"""Refunded, of what was free of charge: no money went back."""
PAYMENT_STATES: Mapping[Any, Lazy] = {
    PaymentState.created: _("Not started"),
    PaymentState.pending: _("At the provider"),
    PaymentState.failed: _("Failed"),
    PaymentState.cancelled: _("Cancelled"),
    PaymentState.confirmed: _("Received"),
}
REFUND_STATES: Mapping[Any, Lazy] = {
    RefundState.created: _("Waiting"),
    RefundState.in_transit: _("On its way"),
    RefundState.done: _("Done"),
    RefundState.failed: _("Failed"),
}
