"""What checkout adds to orders and the audit log in the back office."""

from apps.checkout.admin.audit import AuditWithRefundsAdmin
from apps.checkout.admin.orders import OrderWithCheckoutAdmin
from apps.checkout.admin.statements import BankStatementAdmin

__all__ = ["AuditWithRefundsAdmin", "BankStatementAdmin", "OrderWithCheckoutAdmin"]
