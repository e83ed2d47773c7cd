"""What staff may do with orders."""

from apps.accounts.permissions import Permission


class OrderPermission(Permission):
    ORDERS_VIEW = "orders.view"
    ORDERS_CANCEL = "orders.cancel"
    ORDERS_REFUND = "orders.refund"
