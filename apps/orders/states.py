"""What an order's state is called, for the errors that tell it to people."""

from apps.core.db.states import WrongState
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderState


class WrongOrderState(WrongState):
    """`state`: the order's."""

    names = {
        OrderState.pending: _("awaiting payment"),
        OrderState.paid: _("paid"),
        OrderState.expired: _("expired"),
        OrderState.cancelled: _("cancelled"),
        OrderState.refunded: _("refunded"),
    }
