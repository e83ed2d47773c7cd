"""Labels of the books."""

from collections.abc import Mapping
from typing import Any

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.payments.books.models import Account, Cause, Phase

ENDED = "ended"
"""Of a pending entry that another one has posted or voided."""
ACCOUNTS: Mapping[Any, Lazy] = {
    Account.provider: _("At the provider"),
    Account.bank: _("Paid out"),
    Account.fees: _("Fees"),
    Account.disputed: _("Held in disputes"),
    Account.orders: _("Orders"),
}
CAUSES: Mapping[Any, Lazy] = {
    Cause.charge: _("Payment"),
    Cause.fee: _("Fee"),
    Cause.refund: _("Refund"),
    Cause.dispute: _("Dispute"),
    Cause.payout: _("Payout"),
}
PHASES: Mapping[Any, Lazy] = {
    Phase.at_once: _("Posted"),
    Phase.pending: _("Pending"),
    ENDED: _("No longer pending"),
    Phase.posted: _("Pending entry posted"),
    Phase.voided: _("Pending entry voided"),
}
