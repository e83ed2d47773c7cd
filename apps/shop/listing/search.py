"""Searching products, forgiving typing errors, in all languages; bounded however many there are.

Candidates come from indexes: BEGINNING products whose title begins with the words, and MATCHING ones that have every
word, or, where there are none, any. Only these are ranked: those that are or begin with the words first, then by
likeness. Words that no product has were replaced by the nearest before (apps/shop/listing/spelling.py).
"""

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from apps.shop.repositories import PRODUCTS

BEGINNING, MATCHING = 100, 300
LAST_CHARACTER = "\U0010ffff"
SEARCH_BEGINS = func.left(PRODUCTS.c.search, literal_column("100"))
"""As its index has it."""


def candidates(found: Select[Any]) -> Subquery:
    """Ids of those that `found`, a select of products' ids, gives and that match a Wording, the parameters.

    `is_cut`: more match than are looked at.
    """
    beginning = found.where(SEARCH_BEGINS.between(_words(), _words() + literal(LAST_CHARACTER)))
    begun = beginning.order_by(SEARCH_BEGINS).limit(BEGINNING).subquery()
    every = select(_matching(found, "every")).limit(MATCHING + 1).cte("first_with_every")
    some = select(_matching(found, "some")).where(~exists(select(every))).limit(MATCHING + 1).cte("first_with_some")
    ids = union(select(begun), select(every), select(some)).subquery("matching")
    return select(ids, or_(_are_too_many(every), _are_too_many(some)).label("is_cut")).subquery("candidates")


def _are_too_many(found: CTE) -> ColumnElement[bool]:
    return select(func.count()).select_from(found).scalar_subquery() > MATCHING


def rank() -> ColumnElement[int]:
    """Lower is better. `search` begins with the title; titles of other languages and tags stand in it in quotes."""
    search, quoted = PRODUCTS.c.search, literal('"') + _words()
    is_it = or_(func.fold(PRODUCTS.c.title) == _words(), func.strpos(search, quoted + '"') > 0)
    begins = or_(func.starts_with(search, _words()), func.strpos(search, quoted) > 0)
    unlikeness = cast(1000 * (1 - func.word_similarity(_words(), search)), BigInteger)
    return case((begins & is_it, 0), (begins, 1000), else_=2000) + unlikeness


def _matching(found: Select[Any], words: str) -> CTE:
    """Planned as if all of them were wanted: a plan for the first few reads the table where few match after all."""
    query = cast(bindparam(words, type_=String), TSQUERY)
    return found.where(PRODUCTS.c.words.op("@@", is_comparison=True)(query)).cte(words).prefix_with("MATERIALIZED")


def _words() -> ColumnElement[str]:
    return func.fold(bindparam("q", type_=String))
