"""What staff may do with payments."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class PaymentPermission(Permission, about=_("Payments")):
    PAYMENTS_REPORTS = (
        "payments.reports",
        _("Test payment providers; see their reports that could not be processed"),
    )
    PAYMENTS_ATTEND = "payments.attend", _("Handle payments that need attention: settle again, try again, dismiss")
    PAYMENTS_RECEIVE = "payments.receive", _("Mark bank transfers and cash as received, and refunds as sent")
