"""What withdrawals hold about a person."""

from sqlalchemy import ColumnElement, select

from apps.core.privacy.holdings import OpenMatter, Rows
from apps.core.privacy.person import NOBODY, Person
from apps.core.text.i18n import lazy as _
from apps.shop.withdrawals.models import WAITING
from apps.shop.withdrawals.repositories import LINES, WITHDRAWALS


def _is_open(person: Person) -> ColumnElement[bool]:
    return select(WITHDRAWALS.c.id).where(person.has(WITHDRAWALS.c.order_id), WITHDRAWALS.c.state.in_(WAITING)).exists()


HELD = (
    Rows(
        table=WITHDRAWALS,
        title=_("Withdrawals from orders"),
        theirs=lambda person: person.has(WITHDRAWALS.c.order_id),
        hidden=("key",),
        leads_to=("id",),
        erased={"name": "", "email": NOBODY, "statement": "", "note": ""},
        kept={"order_number": "names the order in the books"},
    ),
    Rows(
        table=LINES,
        title=_("What you withdrew from"),
        theirs=lambda person: person.has(LINES.c.withdrawal_id),
        erased={},
    ),
)
OPEN = (OpenMatter(_("A return is still open."), _is_open),)
