"""Orders in the back office, and what they add to payments, people and the audit log."""

from apps.checkout.admin.audit import AuditWithRefundsAdmin
from apps.checkout.admin.offers import OfferAdmin
from apps.checkout.admin.orders import OrderAdmin
from apps.checkout.admin.payments import PaymentOfOrderAdmin
from apps.checkout.admin.users import UserWithOrdersAdmin

__all__ = ["AuditWithRefundsAdmin", "OfferAdmin", "OrderAdmin", "PaymentOfOrderAdmin", "UserWithOrdersAdmin"]
