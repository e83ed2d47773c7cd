"""What checkout adds to orders and the audit log in the back office."""

from apps.checkout.admin.audit import AuditWithRefundsAdmin
from apps.checkout.admin.orders import OrderWithCheckoutAdmin

__all__ = ["AuditWithRefundsAdmin", "OrderWithCheckoutAdmin"]
