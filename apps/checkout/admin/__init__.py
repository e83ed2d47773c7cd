"""Orders in the back office, and what they add to payments and people."""

from apps.checkout.admin.offers import OfferAdmin
from apps.checkout.admin.orders import OrderAdmin
from apps.checkout.admin.payments import PaymentOfOrderAdmin
from apps.checkout.admin.users import UserWithOrdersAdmin

__all__ = ["OfferAdmin", "OrderAdmin", "PaymentOfOrderAdmin", "UserWithOrdersAdmin"]
