"""What orders add to the audit log: a filter for refunds."""

from apps.backoffice.admin import KINDS_OF_ENTRIES, AuditAdmin, by_kind
from apps.core.models import AuditEntry
from apps.core.text.i18n import lazy as _

REFUNDS = {"refunds": (_("Refunds"), AuditEntry.action == "orders.refund")}


class AuditWithRefundsAdmin(AuditAdmin):
    filters = (*AuditAdmin.filters[:-1], by_kind({**KINDS_OF_ENTRIES, **REFUNDS}))
