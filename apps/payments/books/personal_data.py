"""What the books hold about a person: entries of their orders. Nothing of it is ever changed."""

from apps.core.privacy.holdings import Rows
from apps.core.text.i18n import lazy as _
from apps.payments.books.transfers import TRANSFERS

HELD = (
    Rows(
        table=TRANSFERS,
        title=_("Entries in the books"),
        theirs=lambda person: person.has(TRANSFERS.c.owner_id),
        hidden=("key",),
        words=("id",),
        erased={},
        kept={"key": "keeps one cause from being written twice; ids alone", "provider": "a word of ours"},
    ),
)
