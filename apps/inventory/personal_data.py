"""What the stock holds about a person: which units are theirs. What is sold stays sold, under an order of nobody's."""

from apps.core.privacy.holdings import Rows
from apps.core.text.i18n import lazy as _
from apps.inventory.models import Hold

HOLDS = Hold.table()

HELD = (
    Rows(
        table=HOLDS,
        title=_("What is held for you or sold to you"),
        theirs=lambda person: person.has(HOLDS.c.owner_id),
        hidden=("network",),
        erased={},
    ),
)
