"""What staff may do with orders."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class OrderPermission(Permission, about=_("Orders")):
    ORDERS_VIEW = "orders.view", _("See orders and payments")
    ORDERS_NOTE = "orders.note", _("Write notes on orders")
    ORDERS_EDIT = "orders.edit", _("Correct customer details")
    ORDERS_SHIP = "orders.ship", _("Update parcels: packed, shipped, delivered")
    ORDERS_RESEND = "orders.resend", _("Resend emails, replace ticket codes")
    ORDERS_CANCEL = "orders.cancel", _("Cancel unpaid orders")
    ORDERS_REFUND = "orders.refund", _("Refund orders")
    ORDERS_COMP = "orders.comp", _("Create free orders")
    ORDERS_EXPORT = "orders.export", _("Export orders")
