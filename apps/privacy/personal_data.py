"""What is held about a person for this very purpose. An erasure that is done names nobody."""

from apps.core.privacy.holdings import Rows, of_user
from apps.core.text.i18n import lazy as _
from apps.privacy.repositories import ERASURES, EXPORTS

HELD = (
    Rows(
        table=EXPORTS,
        title=_("Exports of your data"),
        theirs=of_user(EXPORTS),
        hidden=("result",),
        leads_to=("id",),
    ),
    Rows(
        table=ERASURES,
        title=_("Requests to delete your account"),
        theirs=of_user(ERASURES),
        hidden=("ids", "words", "steps"),
        leads_to=("id",),
        erased={},
        kept={
            "asked_by": "an id",
            "email": "emptied when the erasure is done: the last mail goes there",
            "ids": "emptied when the erasure is done",
            "words": "emptied when the erasure is done",
            "steps": "names of tables",
        },
    ),
)
