"""The person whose data it is, and how rows that are about them are found."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Text, cast, column, false, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from apps.core.db.bulk import among

SHORTEST_WORD = 6
"""Shorter words stand in too many texts that are about others."""
NOBODY = "erased@example.invalid"
"""The address of whoever was erased (RFC 2606: no mail gets there); nothing is sent to it."""


@dataclass(frozen=True, slots=True)
class Person:
    """`email`: the address that they have confirmed, in lower case; "" where they have not: what is held under it alone
    may be somebody else's.

    `ids` are those of all rows that are theirs, `words` the texts that name them wherever they stand: `holdings.whole`
    gathers both. Addresses that they have not confirmed are no such words: anybody can order with anybody's.
    """

    user_id: UUID
    email: str = ""
    ids: frozenset[UUID] = frozenset()
    words: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def actor(self) -> str:
        """In the audit log."""
        return f"user:{self.user_id}"

    def with_more(self, ids: Iterable[UUID], words: Iterable[str]) -> Self:
        long_enough = {word.lower() for word in words if len(word) >= SHORTEST_WORD}
        return replace(self, ids=self.ids | set(ids), words=self.words | long_enough)

    def has(self, id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Of a column with ids of anything."""
        return among(id, self.ids)  # type: ignore[arg-type]

    def has_address(self, email: ColumnElement[Any]) -> ColumnElement[bool]:
        return email == self.email if self.email else false()

    def is_named_in(self, text: ColumnElement[Any]) -> ColumnElement[bool]:
        """In a column of text, JSON or bytes. Reads every row: for what is rare, or soon forgotten."""
        return _has_any(text, self.words)

    def is_meant_in(self, text: ColumnElement[Any]) -> ColumnElement[bool]:
        """The same, by the ids of what is theirs, too."""
        return _has_any(text, self.words.union(map(str, self.ids)))


def _has_any(text: ColumnElement[Any], words: Collection[str]) -> ColumnElement[bool]:
    """`words` are in lower case."""
    readable = func.encode(text, "escape") if isinstance(text.type, LargeBinary) else cast(text, Text)
    word = column("word", Text)
    given = func.unnest(literal(sorted(words), ARRAY(Text))).table_valued(word).render_derived()
    return select(literal(1)).select_from(given).where(func.strpos(func.lower(readable), given.c.word) > 0).exists()
