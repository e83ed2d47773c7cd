"""What invoices hold about a person. Tax law demands that they are kept whole, so an erasure leaves them as they are
(GDPR, article 17, paragraph 3 b); the buyer is emptied when that time is over (docs/decisions/invoices.md)."""

from apps.core.privacy.holdings import Rows
from apps.core.text.i18n import lazy as _
from apps.invoices.repositories import INVOICES, REQUESTS

LAW = "tax law demands it until `retained_until`; a job empties it then"
OURS = "names the document in the books"

HELD = (
    Rows(
        table=INVOICES,
        title=_("Invoices"),
        theirs=lambda person: person.has(INVOICES.c.order_id),
        hidden=("series", "serial", "previous", "seller", "taxes"),
        leads_to=("id",),
        erased={},
        kept={
            "buyer": LAW,
            "lines": "what was sold",
            "series": OURS,
            "number": OURS,
            "order_number": OURS,
            "seller": "the band's own details",
            "taxes": "amounts",
        },
    ),
    Rows(
        table=REQUESTS,
        title=_("Invoices that are being issued"),
        theirs=lambda person: person.has(REQUESTS.c.order_id),
        erased={},
    ),
)
