"""What the apps hold about a person, by the `HELD` and `OPEN` of their `personal_data.py`.

`HELD` are `Rows`, one for each table with anything about people; `OPEN` is what has to end before somebody is erased.
Whoever adds a table adds its `Rows`: tests/privacy/test_every_table.py asks for them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, TableClause, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.installed import declared
from apps.core.privacy.person import Person
from apps.core.text.i18n import Lazy

Theirs = Callable[[Person], ColumnElement[bool]]


def of_user(table: Table) -> Theirs:
    """Rows with the user's id in `user_id`."""
    return lambda person: table.c.user_id == person.user_id


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a table that are about a person: which they are, what is shown of them, what becomes of them.

    `hidden` are columns that nobody is shown: secrets, and what would only repeat others. `leads_to` are columns with
    the ids of things of theirs, `words` those with texts that name them elsewhere: an order's number.
    `erased`: what stands in a column after the erasure, nothing where the rows stay as they are; None deletes them.
    `kept` are texts that stay, and why.
    """

    table: TableClause
    title: Lazy
    theirs: Theirs
    hidden: Collection[str] = ()
    leads_to: Sequence[str] = ()
    words: Sequence[str] = ()
    erased: Mapping[str, Any] | None = None
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """In the export, and among the steps of an erasure."""
        return self.table.name

    async def export(self, connection: AsyncConnection, person: Person) -> list[dict[str, Any]]:
        """As JSON values, the oldest first where rows have ids."""
        shown = [each for each in self.table.c if each.key not in self.hidden]
        found = select(*shown).where(self.theirs(person))
        if "id" in self.table.c:
            found = found.order_by(self.table.c.id)
        rows = (await connection.execute(found)).mappings()
        return [{name: _as_json(value) for name, value in row.items()} for row in rows]

    async def lead_further(self, connection: AsyncConnection, person: Person) -> Person:
        """The person with what these rows lead to. One query; none where they lead nowhere."""
        if not self.leads_to and not self.words:
            return person
        told = [self.table.c[name] for name in dict.fromkeys((*self.leads_to, *self.words))]
        rows = (await connection.execute(select(*told).where(self.theirs(person)))).mappings().all()
        ids = (row[name] for row in rows for name in self.leads_to if row[name])
        words = (str(row[name]) for row in rows for name in self.words if row[name])
        return person.with_more(ids, words)

    async def erase(self, connection: AsyncConnection, person: Person) -> None:
        """Done twice it changes nothing."""
        if self.erased is None:
            await connection.execute(delete(self.table).where(self.theirs(person)))
        elif self.erased:
            await connection.execute(update(self.table).where(self.theirs(person)).values(dict(self.erased)))


def _as_json(value: Any) -> Any:
    """Bytes that are shown hold text."""
    return value.decode(errors="replace") if isinstance(value, bytes) else msgspec.to_builtins(value)


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """What has to end before somebody is erased, in a sentence for them; `found` asks whether there is any."""

    sentence: Lazy
    found: Theirs


@cache
def holdings() -> Sequence[Rows]:
    """Of all apps, the lowest first."""
    return tuple(declared("personal_data", "HELD"))


def steps() -> Sequence[Rows]:
    """Those of the highest app first: rows go before what they hang on."""
    return tuple(reversed(holdings()))


async def whole(connection: AsyncConnection, person: Person) -> Person:
    """With the ids of all that is theirs, and the words that name them: asked until nothing new comes."""
    known = person.with_more((person.user_id,), (str(person.user_id), person.email))
    while True:
        further = known
        for rows in holdings():
            further = await rows.lead_further(connection, further)
        if further == known:
            return known
        known = further


async def open_matters(connection: AsyncConnection, person: Person) -> Sequence[Lazy]:
    """What keeps the person from being erased now. `person` is whole."""
    matters: list[OpenMatter] = declared("personal_data", "OPEN")
    if not matters:
        return []
    answers = (await connection.execute(select(*(each.found(person) for each in matters)))).one()
    return [matter.sentence for matter, is_open in zip(matters, answers, strict=True) if is_open]
