"""What staff may do with orders."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class OrderPermission(Permission, about=_("Orders")):
    ORDERS_VIEW = "orders.view", _("See orders and payments")
    ORDERS_NOTE = "orders.note", _("Write notes on orders")
    ORDERS_EDIT = "orders.edit", _("Correct the details of buyers")
    ORDERS_SHIP = "orders.ship", _("Move parcels on: packed, shipped, delivered")
    ORDERS_RESEND = "orders.resend", _("Resend mails, replace the codes of tickets")
    ORDERS_CANCEL = "orders.cancel", _("Cancel orders that are not paid")
    ORDERS_REFUND = "orders.refund", _("Refund orders")
    ORDERS_COMP = "orders.comp", _("Give tickets and merch away free of charge")
    ORDERS_EXPORT = "orders.export", _("Take orders away as a file")
