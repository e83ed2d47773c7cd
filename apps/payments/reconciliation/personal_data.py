"""What comparisons with providers hold about a person: found by the payments that they are about."""

from apps.core.privacy.holdings import Rows
from apps.core.text.i18n import lazy as _
from apps.payments.reconciliation.models import Difference

DIFFERENCES = Difference.table()

HELD = (
    Rows(
        table=DIFFERENCES,
        title=_("Payments that differ from the provider's list"),
        theirs=lambda person: person.has(DIFFERENCES.c.payment_id),
        hidden=("note",),
        words=("reference",),
        erased={"note": ""},
        kept={"reference": "the books are compared with the provider's by it", "provider": "a word of ours"},
    ),
)
