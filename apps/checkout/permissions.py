"""What staff may do with orders."""

from apps.accounts.permissions import Permission


class OrderPermission(Permission):
    ORDERS_VIEW = "orders.view"
    ORDERS_NOTE = "orders.note"
    ORDERS_EDIT = "orders.edit"
    ORDERS_SHIP = "orders.ship"
    ORDERS_RESEND = "orders.resend"
    ORDERS_CANCEL = "orders.cancel"
    ORDERS_REFUND = "orders.refund"
    ORDERS_COMP = "orders.comp"
    ORDERS_EXPORT = "orders.export"
