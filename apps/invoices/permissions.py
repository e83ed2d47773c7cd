"""What staff may do with invoices."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class InvoicePermission(Permission, about=_("Invoices")):
    INVOICES_VIEW = "invoices.view", _("See invoices and credit notes, download single ones")
    INVOICES_ISSUE = "invoices.issue", _("Issue an invoice that is missing")
    INVOICES_EXPORT = "invoices.export", _("Export invoices: the list, and all of a month as files")
