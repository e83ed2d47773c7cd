"""A page of a list: by key, so that page 5,000 costs what the first one does, and counted as far as people count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ScalarSelect, Select, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from apps.core.pagination import cursor, list_name, place_in

PAGE_SIZE = 25
COUNTED = 1000
"""What is more is "more than 1,000"."""


@dataclass(frozen=True, slots=True)
class Order:
    """By a column that is never null, and the id. `kind` is its type in a cursor."""

    column: InstrumentedAttribute[Any]
    kind: Any
    is_descending: bool = False


class Asked(Struct, frozen=True, kw_only=True):
    """What a list was asked for, as it stands in its address."""

    q: str = ""
    sort: str = ""
    filters: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows that a list was `asked` for, and what they are sorted by besides their `id`."""

    found: Select[Any]
    order: Order
    id: InstrumentedAttribute[UUID]
    asked: Asked


@dataclass(frozen=True, slots=True)
class Found:
    """`next` is the place to go on from; `count` stops at COUNTED + 1."""

    rows: Sequence[Any]
    count: int
    next: str | None


async def plan_anew(session: AsyncSession) -> None:
    """Until the transaction ends: a plan made for any words at all would read whole tables for some of them."""
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def counted(found: Select[Any]) -> ScalarSelect[int]:
    """How many there are, as far as people count: COUNTED + 1 at most."""
    some = found.order_by(None).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


async def find_page(session: AsyncSession, listing: Listing, *, after: str) -> Found:
    """Two statements, and those that load what belongs to the rows."""
    count = await session.scalar(select(counted(listing.found)))
    rows, next = await find_part(session, listing, after=after, size=PAGE_SIZE)
    return Found(rows, count or 0, next)


async def find_part(
    session: AsyncSession, listing: Listing, *, after: str, size: int
) -> tuple[Sequence[Any], str | None]:
    """`size` rows at most, and the place to go on from."""
    part = _in_order(listing, _from(listing, after) if after else listing.found)
    rows = (await session.scalars(part.limit(size + 1))).unique().all()
    return rows[:size], place_of(rows[size - 1], listing.order, listing.asked) if len(rows) > size else None


def _from(listing: Listing, after: str) -> Select[Any]:
    """Raises BadCursor for a place in another list."""
    found, order, id = listing.found, listing.order, listing.id
    place = place_in(listing.asked, after, (order.kind, UUID))
    if order.column is id:
        return found.where(id < place[0] if order.is_descending else id > place[0])
    key, last = tuple_(order.column, id), tuple_(*place)
    return found.where(key < last if order.is_descending else key > last)


def _in_order(listing: Listing, part: Select[Any]) -> Select[Any]:
    order, id = listing.order, listing.id
    columns = (id,) if order.column is id else (order.column, id)
    return part.order_by(None).order_by(*(each.desc() if order.is_descending else each for each in columns))


def place_of(row: Any, order: Order, asked: Asked) -> str:
    """What `after` says to go on behind this row."""
    value = getattr(row, order.column.key)
    return cursor(list_name(asked), value.isoformat() if isinstance(value, datetime) else str(value), str(row.id))
