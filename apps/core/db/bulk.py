"""Writes of many rows in one statement, over PostgreSQL's `unnest`.

Rows are mappings with the same keys. One array a column goes over the wire, so a thousand rows cost one round trip
and one plan. Columns of an array type cannot be written this way (`unnest` would flatten them).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Delete,
    Dialect,
    Executable,
    Insert,
    Select,
    SQLColumnExpression,
    String,
    Table,
    Update,
    all_,
    any_,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

Rows = Sequence[Mapping[str, Any]]


def among(column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column = ANY(values)`: one plan whatever their number."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def among_ids(column: Column[Any]) -> ColumnElement[bool]:
    """`column = ANY(:ids)`, for a statement that is made once and run in every batch."""
    return column == any_(bindparam("ids", type_=ARRAY(column.type)))


def not_among(column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    return column != all_(literal(list(values), ARRAY(column.type)))


def found_by(column: SQLColumnExpression[Any], found: Select[Any]) -> ColumnElement[bool]:
    """`column IN (found)`, in a way that an index of the column can be used when another condition goes beside it."""
    return column == any_(func.array(found.correlate(None).scalar_subquery()))


async def insert_rows(connection: AsyncConnection, table: Table, rows: Rows) -> None:
    if rows:
        await connection.execute(_insert(table, tuple(rows[0])), _arrays(rows))


async def insert_new_rows(connection: AsyncConnection, table: Table, rows: Rows) -> set[Any]:
    """Insert those that are not there yet by any unique key; their ids."""
    if not rows:
        return set()
    inserted = await connection.execute(_insert_new(table, tuple(rows[0]), connection.dialect), _arrays(rows))
    return {row[0] for row in inserted}


async def upsert_rows(connection: AsyncConnection, table: Table, rows: Rows) -> None:
    """Insert, or write the row with the same primary key over."""
    if rows:
        await connection.execute(_upsert(table, tuple(rows[0]), connection.dialect), _arrays(rows))


async def update_rows(connection: AsyncConnection, table: Table, rows: Rows, *, add: tuple[str, ...] = ()) -> None:
    """Update by primary key (part of each row); the columns in `add` are added to instead of set."""
    if rows:
        await connection.execute(_update(table, tuple(rows[0]), add), _arrays(rows))


async def delete_rows(connection: AsyncConnection, table: Table, rows: Rows) -> None:
    """Delete by the columns of `rows`."""
    if rows:
        await connection.execute(_delete(table, tuple(rows[0])), _arrays(rows))


def _arrays(rows: Rows) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in rows[0]}


def _sent_as(each: Column[Any]) -> TypeEngine[Any]:
    """Text goes without its length: a cast to VARCHAR(n) would cut it silently, an insert refuses it."""
    return String() if type(each.type) is String else each.type


def _unnested(table: Table, names: tuple[str, ...]) -> TableValuedAlias:
    columns: list[Column[Any]] = [table.c[name] for name in names]
    arrays = [bindparam(f"all_{each.name}", type_=ARRAY(_sent_as(each), dimensions=1)) for each in columns]
    return (
        func.unnest(*arrays).table_valued(*(column(each.name, each.type) for each in columns)).render_derived("given")
    )


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).from_select(list(names), select(*_unnested(table, names).c))


@cache
def _insert_new(table: Table, names: tuple[str, ...], dialect: Dialect) -> Executable:
    statement = postgresql.insert(table).from_select(list(names), select(*_unnested(table, names).c))
    return cast(Executable, statement.on_conflict_do_nothing().returning(table.c.id).compile(dialect=dialect))


@cache
def _upsert(table: Table, names: tuple[str, ...], dialect: Dialect) -> Executable:
    """Compiled here, because SQLAlchemy 2.0 compiles every ON CONFLICT anew, which takes longer than running it."""
    statement = postgresql.insert(table).from_select(list(names), select(*_unnested(table, names).c))
    keys = [each.name for each in table.primary_key]
    changes = {name: statement.excluded[name] for name in names if name not in keys}
    upsert = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    return cast(Executable, upsert.compile(dialect=dialect))


@cache
def _update(table: Table, names: tuple[str, ...], add: tuple[str, ...]) -> Update:
    given = _unnested(table, names)
    keys = [each.name for each in table.primary_key]
    changes = {
        name: table.c[name] + given.c[name] if name in add else given.c[name] for name in names if name not in keys
    }
    return update(table).values(changes).where(*(table.c[key] == given.c[key] for key in keys))


@cache
def _delete(table: Table, names: tuple[str, ...]) -> Delete:
    given = _unnested(table, names)
    if len(names) == 1:
        return delete(table).where(table.c[names[0]].in_(select(given.c[names[0]])))
    return delete(table).where(tuple_(*(table.c[name] for name in names)).in_(select(*given.c)))
