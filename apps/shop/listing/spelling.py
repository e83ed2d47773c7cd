"""The words of a search as products have them: as typed where any product has such a word, else the nearest ones.

The vocabulary is the table `product_word`. A typed word is compared with those that have its first or last letter and
about its length, which indexes find. Swapped neighbours are one edit, as are a letter too many, too few or another.
"""

from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, Row, Select, String, bindparam, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.shop.repositories import PRODUCT_WORDS

LONGEST_SEARCH = 8
SHORTEST_PART, PARTS = 3, 20
SHORTEST_CORRECTED, LONGEST_CORRECTED = 4, 32
SHORTEST_WITH_TWO_EDITS, CORRECTIONS = 5, 5
KNOWN = PRODUCT_WORDS.c.word


class Wording(msgspec.Struct, frozen=True):
    """`q` with its words corrected, and queries (tsquery) for products with every and with any of these words.

    Nulls, where q has no words, match nothing.
    """

    q: str | None = None
    every: str | None = None
    some: str | None = None


async def find_wording(connection: AsyncConnection, q: str) -> Wording:
    """One query; words behind the first LONGEST_SEARCH are passed over."""
    typed = (await connection.execute(_typed_words(), {"q": q})).all()
    if not typed:
        return Wording()
    choices = [f"({_choice(row)})" for row in typed]
    corrected = " ".join(min(row.nearest, default=row.word) for row in typed)
    is_known = not any(row.nearest for row in typed)
    return Wording(q if is_known else corrected, " & ".join(choices), " | ".join(choices))


def _choice(row: Row[Any]) -> str:
    """Words that the typed one begins, is a part of, or may be meant for. One letter begins too many."""
    begins = f"'{row.word}'" if len(row.word) == 1 else f"'{row.word}':*"
    others = (*row.containing, *sorted(row.nearest)[:CORRECTIONS])
    return " | ".join([begins, *(f"'{each}'" for each in others)])


@cache
def _typed_words() -> Select[Any]:
    words = func.unnest(func.words(func.fold(bindparam("q", type_=String))))
    typed = words.table_valued("word", with_ordinality="position").render_derived(name="typed")
    containing = select(func.array(_containing(typed)).label("words")).lateral("containing")
    is_unknown = func.cardinality(containing.c.words) == 0
    nearest = func.array(_nearest(typed.c.word, is_unknown)).label("nearest")
    found = select(typed.c.word, containing.c.words.label("containing"), nearest)
    return found.select_from(typed.join(containing, true())).order_by(typed.c.position).limit(LONGEST_SEARCH)


def _containing(typed: FromClause) -> Any:
    word = typed.c.word
    found = select(KNOWN).where(func.length(word) >= SHORTEST_PART, KNOWN.like(func.concat("%", word, "%")))
    found = found.order_by(func.starts_with(KNOWN, word).desc(), KNOWN).limit(PARTS)
    return found.correlate(typed).scalar_subquery()


def _nearest(typed: ColumnElement[str], is_unknown: ColumnElement[bool]) -> Any:
    """The words of the fewest edits; of these, those that begin alike, if any do."""
    edits = func.typing_edits(KNOWN, typed)
    allowed = case((func.length(typed) < SHORTEST_WITH_TWO_EDITS, 1), else_=2)
    found = select(KNOWN).where(is_unknown, *_comparable(typed), edits <= allowed)
    found = found.order_by(edits, func.left(KNOWN, 1) != func.left(typed, 1))
    return found.fetch(1, with_ties=True).scalar_subquery()


def _comparable(typed: ColumnElement[str]) -> list[ColumnElement[bool]]:
    length = func.length(typed)
    ends = [end(KNOWN, 1) == end(typed, 1) for end in (func.left, func.right)]
    near = [func.length(KNOWN).between(length - 2, length + 2), func.levenshtein_less_equal(KNOWN, typed, 2) <= 2]
    return [length.between(SHORTEST_CORRECTED, LONGEST_CORRECTED), or_(*ends), *near]
