"""Pages by key of statements that are made anew for each question, as staff ask them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Column, Row, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.http.pagination import Page, cursor, cursor_values, list_name

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Keyset:
    """What a list goes by: columns of the statement, the last one telling equals apart, and their types in a cursor."""

    columns: Sequence[Column[Any]]
    kinds: Sequence[Any]
    is_descending: bool = False

    def order(self, found: Select[Any]) -> Select[Any]:
        return found.order_by(*(each.desc() if self.is_descending else each for each in self.columns))

    def beyond(self, found: Select[Any], last_values: Sequence[Any]) -> Select[Any]:
        key = tuple_(*self.columns)
        last = tuple_(*last_values)
        return found.where(key < last if self.is_descending else key > last)


async def page_by_key(
    connection: AsyncConnection,
    found: Select[Any],
    keyset: Keyset,
    item: Callable[[Row[Any]], Item],
    *,
    query: Struct,
    limit: int,
    after: str | None,
) -> Page[Item]:
    """One query. `query` is what was asked for: BadCursor when `after` is a place in another list."""
    if after:
        found = keyset.beyond(found, cursor_values(query, after, keyset.kinds))
    rows = (await connection.execute(keyset.order(found).limit(limit + 1))).all()
    more = len(rows) > limit
    return Page([item(row) for row in rows[:limit]], _cursor(keyset, query, rows[limit - 1]) if more else None)


def _cursor(keyset: Keyset, query: Struct, row: Row[Any]) -> str:
    values = [getattr(row, each.key) for each in keyset.columns]
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return cursor(list_name(query), *texts)


def first_id(moment: datetime) -> UUID:
    """Ids sort by their making (UUIDv7): the primary key finds a time. Clocks differ: leave room, ask the column."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
