"""Many rows in one statement."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among, delete_rows, insert_rows, not_among, update_rows, upsert_rows
from apps.core.db.database import Database
from apps.inventory.models import Hold, HoldState, Pool

pytestmark = pytest.mark.anyio
POOLS: Table = Pool.__table__
HOLDS: Table = Hold.__table__


def pool(n: int, **columns: object) -> dict:
    return {"id": UUID(int=n), "name": f"pool {n}", "capacity": 10, "reserved": 0} | columns


async def state(connection: AsyncConnection) -> dict[int, tuple[int, int]]:
    rows = await connection.execute(select(POOLS.c.id, POOLS.c.capacity, POOLS.c.reserved).order_by(POOLS.c.id))
    return {row.id.int: (row.capacity, row.reserved) for row in rows}


async def test_thousands_are_written_changed_and_deleted(db: Database) -> None:
    numbers = range(1, 3001)
    async with db.transaction() as connection:
        await insert_rows(connection, POOLS, [pool(n) for n in numbers])
        changes = [{"id": UUID(int=n), "capacity": 20, "reserved": n % 3} for n in numbers]
        await update_rows(connection, POOLS, changes, add=("reserved",))
        await update_rows(connection, POOLS, changes, add=("reserved",))
        assert await state(connection) == {n: (20, n % 3 * 2) for n in numbers}
        await delete_rows(connection, POOLS, [{"id": UUID(int=n)} for n in numbers if n > 1])
        assert await state(connection) == {1: (20, 2)}


async def test_nothing_to_write_is_no_statement(db: Database) -> None:
    async with db.transaction() as connection:
        for write in (insert_rows, upsert_rows, update_rows, delete_rows):
            await write(connection, POOLS, [])
        assert await state(connection) == {}


async def test_an_upsert_writes_known_rows_over(db: Database) -> None:
    async with db.transaction() as connection:
        await insert_rows(connection, POOLS, [pool(1), pool(2)])
        await upsert_rows(connection, POOLS, [pool(2, capacity=5), pool(3, reserved=4)])
        assert await state(connection) == {1: (10, 0), 2: (5, 0), 3: (10, 4)}


async def test_keys_of_two_columns(db: Database) -> None:
    item, owner = uuid4(), uuid4()
    rows = [
        {"item_id": item, "pool_id": UUID(int=n), "owner_id": owner, "units": n, "state": HoldState.held}
        for n in (1, 2, 3)
    ]
    async with db.transaction() as connection:
        await insert_rows(connection, POOLS, [pool(n) for n in (1, 2, 3)])
        await upsert_rows(connection, HOLDS, rows)
        await upsert_rows(connection, HOLDS, [rows[0] | {"units": 9}])
        await update_rows(connection, HOLDS, [{"item_id": item, "pool_id": UUID(int=3), "units": 7}])
        await delete_rows(connection, HOLDS, [{"item_id": item, "pool_id": UUID(int=n)} for n in (2, 4)])
        left = await connection.execute(select(HOLDS.c.pool_id, HOLDS.c.units).order_by(HOLDS.c.pool_id))
        assert [(row.pool_id.int, row.units) for row in left] == [(1, 9), (3, 7)]


async def test_text_that_is_too_long_is_refused_and_not_cut(db: Database) -> None:
    with pytest.raises(DBAPIError, match="too long"):
        async with db.transaction() as connection:
            await insert_rows(connection, POOLS, [pool(1, name="x" * 201)])


async def test_among_and_not_among(db: Database) -> None:
    async with db.transaction() as connection:
        await insert_rows(connection, POOLS, [pool(n) for n in (1, 2, 3)])
        some = [UUID(int=n) for n in (1, 3)]
        inside = await connection.execute(select(POOLS.c.id).where(among(POOLS.c.id, some)))
        outside = await connection.execute(select(POOLS.c.id).where(not_among(POOLS.c.id, some)))
        nothing = await connection.execute(select(POOLS.c.id).where(among(POOLS.c.id, [])))
        everything = await connection.execute(select(POOLS.c.id).where(not_among(POOLS.c.id, [])))
        assert (len(inside.all()), len(outside.all()), len(nothing.all()), len(everything.all())) == (2, 1, 0, 3)
