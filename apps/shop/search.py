"""Searching products, forgiving typing errors, in all languages; bounded however many there are.

Candidates come from indexes: BEGINNING products whose title begins with the words, CONTAINING ones that have them
anywhere, and where these are fewer, ALIKE ones that have words like them. Only these are ranked: those that are or
begin with the words first, then by likeness. What is alike enough, `pg_trgm.word_similarity_threshold` in core/db.py
says.
"""

import re
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)

from apps.core.words import anywhere
from apps.shop.repositories import PRODUCTS

BEGINNING, CONTAINING, ALIKE = 100, 200, 300
WORD, TRIGRAM = re.compile(r"[^\W_]"), re.compile(r"[^\W_]{3}")
LAST_CHARACTER = "\U0010ffff"
SEARCH_BEGINS = func.left(PRODUCTS.c.search, literal_column("100"))
"""As its index has it."""


def search_values(q: str) -> dict[str, str | None]:
    """Parameters of `candidates` and `rank`. Null matches nothing; without it an index would be read as a whole."""
    return {"q": q if WORD.search(q) else None, "pattern": anywhere(q) if TRIGRAM.search(q) else None}


def candidates(found: Select[Any]) -> Subquery:
    """Ids of those that `found`, a select of products' ids, gives and that match."""
    beginning = found.where(SEARCH_BEGINS.between(_words(), _words() + literal(LAST_CHARACTER)))
    containing = found.where(PRODUCTS.c.search.like(func.fold(bindparam("pattern", type_=String))))
    exact = containing.limit(CONTAINING).cte("exact")
    too_few = select(func.count()).select_from(exact).scalar_subquery() < CONTAINING
    alike = found.where(_words().op("<%", is_comparison=True)(PRODUCTS.c.search), too_few)
    begun, likened = beginning.order_by(SEARCH_BEGINS).limit(BEGINNING), alike.limit(ALIKE)
    return union(select(begun.subquery()), select(exact), select(likened.subquery())).subquery("candidates")


def rank() -> ColumnElement[int]:
    """Lower is better. `search` begins with the title; titles of other languages and tags stand in it in quotes."""
    search, quoted = PRODUCTS.c.search, literal('"') + _words()
    is_it = or_(func.fold(PRODUCTS.c.title) == _words(), func.strpos(search, quoted + '"') > 0)
    begins = or_(func.starts_with(search, _words()), func.strpos(search, quoted) > 0)
    unlikeness = cast(1000 * (1 - func.word_similarity(_words(), search)), BigInteger)
    return case((begins & is_it, 0), (begins, 1000), else_=2000) + unlikeness


def _words() -> ColumnElement[str]:
    return func.fold(bindparam("q", type_=String))
