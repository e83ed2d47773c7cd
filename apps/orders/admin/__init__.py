"""Orders and offers in the back office, and what they add to stock, payments and people."""

from apps.orders.admin.books import TransferOfOrderAdmin
from apps.orders.admin.offers import OfferAdmin
from apps.orders.admin.orders import OrderAdmin
from apps.orders.admin.payments import PaymentOfOrderAdmin
from apps.orders.admin.pools import PoolWithOffersAdmin
from apps.orders.admin.users import UserWithOrdersAdmin

__all__ = [
    "OfferAdmin",
    "OrderAdmin",
    "PaymentOfOrderAdmin",
    "PoolWithOffersAdmin",
    "TransferOfOrderAdmin",
    "UserWithOrdersAdmin",
]
