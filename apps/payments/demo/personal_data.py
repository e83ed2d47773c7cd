"""What the demo provider's books hold about a person. A real provider keeps its own, and has to be asked itself."""

from apps.core.privacy.holdings import Rows
from apps.core.text.i18n import lazy as _
from apps.payments.demo.models import DemoCheckout, DemoRefund

CHECKOUTS, REFUNDS = DemoCheckout.table(), DemoRefund.table()

HELD = (
    Rows(
        table=CHECKOUTS,
        title=_("Payments at the demo provider"),
        theirs=lambda person: person.has(CHECKOUTS.c.id),
        hidden=("return_url",),
        erased={"description": "", "return_url": ""},
    ),
    Rows(
        table=REFUNDS,
        title=_("Refunds at the demo provider"),
        theirs=lambda person: person.has(REFUNDS.c.checkout_id),
        erased={},
    ),
)
