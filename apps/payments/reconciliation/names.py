"""Labels of what does not agree."""

from collections.abc import Mapping
from typing import Any

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.payments.providers import TransactionKind
from apps.payments.reconciliation.models import Problem

KINDS: Mapping[Any, Lazy] = {TransactionKind.charge: _("Payment"), TransactionKind.refund: _("Refund")}
PROBLEMS: Mapping[Any, Lazy] = {
    Problem.missing_here: _("Not in our books"),
    Problem.missing_there: _("Not in the provider's list"),
    Problem.other_amount: _("Different amount"),
    Problem.other_currency: _("Different currency"),
    Problem.other_state: _("Different status"),
}
