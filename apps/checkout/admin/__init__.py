"""Orders and their payments in the back office."""

from apps.checkout.admin.offers import OfferAdmin
from apps.checkout.admin.orders import OrderAdmin
from apps.checkout.admin.payments import PaymentAdmin

__all__ = ["OfferAdmin", "OrderAdmin", "PaymentAdmin"]
