"""Labels of orders, payments and their states in the back office."""

from collections.abc import Mapping
from typing import Any

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderState

ORDER_STATES: Mapping[Any, Lazy] = {
    OrderState.pending: _("Unpaid"),
    OrderState.paid: _("Paid"),
    OrderState.refunded: _("Refunded"),
    OrderState.expired: _("Expired"),
    OrderState.cancelled: _("Cancelled"),
}
TAKEN_BACK = _("Voided")
"""Refunded, of what was free of charge: no money went back."""
