"""Orders and their payments in the back office, and what they add to concerts."""

from apps.checkout.admin.concerts import ConcertWithOrdersAdmin
from apps.checkout.admin.offers import OfferAdmin
from apps.checkout.admin.orders import OrderAdmin
from apps.checkout.admin.payments import PaymentAdmin

__all__ = ["ConcertWithOrdersAdmin", "OfferAdmin", "OrderAdmin", "PaymentAdmin"]
