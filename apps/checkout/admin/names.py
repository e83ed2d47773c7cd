"""What things and their states are called in the back office."""

from collections.abc import Mapping
from typing import Any

from apps.concerts.models import TicketState
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderState
from apps.payments.models import PaymentState, RefundState
from apps.shop.models import ShipmentState

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
PARCEL_STATES: Mapping[Any, Lazy] = {
    ShipmentState.unfulfilled: _("To pack"),
    ShipmentState.packed: _("Packed"),
    ShipmentState.shipped: _("Shipped"),
    ShipmentState.delivered: _("Delivered"),
    ShipmentState.returned: _("Returned"),
    ShipmentState.waiting_for_pickup: _("For pick-up"),
    ShipmentState.picked_up: _("Picked up"),
    ShipmentState.cancelled: _("Cancelled"),
}
TICKET_STATES: Mapping[Any, Lazy] = {
    TicketState.valid: _("Valid"),
    TicketState.cancelled: _("Not valid"),
    TicketState.resold: _("Resold"),
}
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
