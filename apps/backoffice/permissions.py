"""What may be done with the back office's own things."""

from apps.accounts.permissions import Permission


class AuditPermission(Permission):
    AUDIT_VIEW = "audit.view"
