"""A page of a list: by key, so that page 5,000 costs what the first one does, and counted as far as people count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, FromClause, ScalarSelect, Select, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from apps.core.http.pagination import cursor, cursor_values, list_name

PAGE_SIZE = 25
COUNTED = 1000
"""What is more is "more than 1,000"."""
KEY = "sorted_by"
Keyed = tuple[Any, Any]
"""A row with what it is sorted by."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By something that is never null, and the id. `kind` is its type in a cursor.

    What it is reckoned from may stand `beside` the rows: what is joined to them, and by which condition.
    """

    column: Any
    kind: Any
    is_descending: bool = False
    beside: tuple[FromClause, ColumnElement[bool]] | None = None

    @property
    def backwards(self) -> "Sort":
        return replace(self, is_descending=not self.is_descending)


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where in a list a page begins, or with `is_back` ends; the beginning without a `cursor`."""

    cursor: str = ""
    is_back: bool = False


class ListQuery(Struct, frozen=True, kw_only=True):
    """What a list was asked for, as it stands in its address."""

    q: str = ""
    sort: str = ""
    filters: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows that a list has for its `query`, and what they are sorted by besides their `id`."""

    found: Select[Any]
    sort: Sort
    id: InstrumentedAttribute[UUID]
    query: ListQuery


@dataclass(frozen=True, slots=True)
class Found:
    """`next` and `before` are the places to go on from; `count` stops at COUNTED + 1."""

    rows: Sequence[Any]
    count: int
    next: str | None
    before: str | None


async def plan_anew(session: AsyncSession) -> None:
    """Until the transaction ends: a plan made for any words at all would read whole tables for some of them."""
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def counted(found: Select[Any]) -> ScalarSelect[int]:
    """How many there are, as far as people count: COUNTED + 1 at most."""
    some = found.order_by(None).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


async def find_page(session: AsyncSession, listing: Listing, page_start: PageStart) -> Found:
    """Two statements, three where only the first page is before the place, and those for what belongs to the rows."""
    count = await session.scalar(select(counted(listing.found))) or 0
    if not page_start.is_back:
        return await _page_from(session, listing, page_start.cursor, count)
    found = await _page_before(session, listing, page_start.cursor, count)
    return found or await _page_from(session, listing, "", count)


async def _page_before(session: AsyncSession, listing: Listing, cursor_text: str, count: int) -> Found | None:
    """None where it would be the first page."""
    rows, are_more = await _part(session, replace(listing, sort=listing.sort.backwards), cursor_text, PAGE_SIZE)
    if not are_more:
        return None
    next, before = cursor_of(*rows[0], listing.query), cursor_of(*rows[-1], listing.query)
    return Found([row for row, _key in rows[::-1]], count, next, before)


async def _page_from(session: AsyncSession, listing: Listing, cursor_text: str, count: int) -> Found:
    rows, are_more = await _part(session, listing, cursor_text, PAGE_SIZE)
    next = cursor_of(*rows[-1], listing.query) if are_more else None
    if cursor_text and not rows:
        return await _page_from(session, listing, "", count)
    before = cursor_of(*rows[0], listing.query) if cursor_text else None
    return Found([row for row, _key in rows], count, next, before)


async def find_part(
    session: AsyncSession, listing: Listing, *, after: str, size: int
) -> tuple[Sequence[Any], str | None]:
    """`size` rows at most, and the place to go on from."""
    rows, are_more = await _part(session, listing, after, size)
    return [row for row, _key in rows], cursor_of(*rows[-1], listing.query) if are_more else None


async def _part(session: AsyncSession, listing: Listing, after: str, size: int) -> tuple[Sequence[Keyed], bool]:
    """With what each is sorted by, and whether there are more."""
    part = _in_order(listing, _from(listing, after) if after else listing.found)
    if listing.sort.beside:
        part = part.outerjoin(*listing.sort.beside)
    found = await session.execute(part.add_columns(listing.sort.column.label(KEY)).limit(size + 1))
    rows = [(row[0], row[-1]) for row in found.unique()]
    return rows[:size], len(rows) > size


def _from(listing: Listing, after: str) -> Select[Any]:
    """Raises BadCursor for a place in another list."""
    found, sort, id = listing.found, listing.sort, listing.id
    values = cursor_values(listing.query, after, (sort.kind, UUID))
    if sort.column is id:
        return found.where(id < values[0] if sort.is_descending else id > values[0])
    key, last = tuple_(sort.column, id), tuple_(*values)
    return found.where(key < last if sort.is_descending else key > last)


def _in_order(listing: Listing, part: Select[Any]) -> Select[Any]:
    sort, id = listing.sort, listing.id
    columns = (id,) if sort.column is id else (sort.column, id)
    return part.order_by(None).order_by(*(each.desc() if sort.is_descending else each for each in columns))


def cursor_of(row: Any, key: Any, query: ListQuery) -> str:
    """What `after` or `before` says to go on from this row, which is sorted by `key`."""
    value = key.isoformat() if isinstance(key, datetime) else str(key)
    return cursor(list_name(query), value, str(row.id))
