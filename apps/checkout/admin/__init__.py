"""Orders and their payments in the back office."""

from apps.checkout.admin.offers import OfferAdmin
from apps.checkout.admin.orders import OrderAdmin
from apps.checkout.admin.payments import PaymentOfOrderAdmin

__all__ = ["OfferAdmin", "OrderAdmin", "PaymentOfOrderAdmin"]
