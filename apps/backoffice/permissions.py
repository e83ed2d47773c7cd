"""What may be done with the back office's own things."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class AuditPermission(Permission, about=_("Audit log")):
    AUDIT_VIEW = "audit.view", _("See the audit log")
