"""What core holds about a person: entries of the audit log, and answers kept for requests that come again."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.audit import ENTRIES, MASK
from apps.core.db.bulk import update_rows
from apps.core.models import IdempotencyRecord
from apps.core.privacy.holdings import Rows
from apps.core.privacy.person import Person
from apps.core.text.i18n import lazy as _

RECORDS = IdempotencyRecord.table()
FACTS = frozenset(("state", "currency", "provider", "failure", "kind", "locale"))
"""Names of values that say nothing about anybody."""
AT_ONCE = 500


class AuditRows(Rows):
    """That something was done, by whom and when, stays; of the values only numbers and facts."""

    async def erase(self, connection: AsyncConnection, person: Person) -> None:
        told = select(ENTRIES.c.id, ENTRIES.c.before, ENTRIES.c.after)
        found = told.where(_is_about(person)).order_by(ENTRIES.c.id).limit(AT_ONCE)
        rows = (await connection.execute(found)).all()
        while rows:
            blank = [
                {"id": row.id, "name": "", "before": without_texts(row.before), "after": without_texts(row.after)}
                for row in rows
            ]
            await update_rows(connection, ENTRIES, blank)
            rows = (await connection.execute(found.where(ENTRIES.c.id > rows[-1].id))).all()


def without_texts(value: Any) -> Any:
    """A JSON value with a mask in the place of every text, except facts."""
    match value:
        case dict():
            return {name: each if name in FACTS else without_texts(each) for name, each in value.items()}
        case list():
            return [without_texts(each) for each in value]
        case str():
            return MASK
        case _:
            return value


def _is_about(person: Person) -> ColumnElement[bool]:
    is_named = (person.is_named_in(ENTRIES.c[name]) for name in ("name", "before", "after"))
    return or_(person.has(ENTRIES.c.subject_id), *is_named)


HELD = (
    AuditRows(
        table=ENTRIES,
        title=_("Activity log"),
        theirs=lambda person: or_(ENTRIES.c.actor == person.actor, _is_about(person)),
        erased={"name": "", "before": {}, "after": {}},
        kept={"actor": "an id that leads to nobody any more", "action": "a word of ours", "subject": "a word of ours"},
    ),
    Rows(
        table=RECORDS,
        title=_("Answers kept for requests that come again"),
        theirs=lambda person: person.is_named_in(RECORDS.c.body),
        hidden=("id", "request", "lease_until"),
    ),
)
