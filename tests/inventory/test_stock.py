"""Stock comes and goes by movements, and never below what is held."""

import asyncio
from uuid import UUID, uuid4

import pytest

from apps.core.db.database import Database
from apps.inventory.models import MovementReason
from apps.inventory.services import NewPool, StockInUse, count, move, open_pools
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
ACTOR = {"actor": "manager@example.org"}


@pytest.fixture
async def pool(db: Database) -> UUID:
    pool = NewPool(name="Shirt L", units=10)
    async with db.transaction() as connection:
        await open_pools(connection, [pool], **ACTOR)
    return pool.id


async def sell(db: Database, pool: UUID, units: int) -> None:
    await sql(db, "UPDATE pool SET reserved = reserved + :units", units=units)
    await sql(
        db,
        """INSERT INTO hold (item_id, pool_id, owner_id, units, state)
           VALUES (gen_random_uuid(), :pool, gen_random_uuid(), :units, 'sold')""",
        pool=pool,
        units=units,
    )


async def capacity_and_movements(db: Database) -> tuple[int, list[int]]:
    ((capacity,),) = await sql(db, "SELECT capacity FROM pool")
    movements = [row.delta for row in await sql(db, "SELECT delta FROM stock_movement ORDER BY created_at, id")]
    assert capacity == sum(movements)
    return capacity, movements


async def test_a_pool_opens_with_a_movement(db: Database, pool: UUID) -> None:
    assert await capacity_and_movements(db) == (10, [10])


async def test_stock_is_the_sum_of_its_movements(db: Database, pool: UUID) -> None:
    async with db.transaction() as connection:
        await move(connection, {pool: 5}, reason=MovementReason.received, **ACTOR)
        await move(connection, {pool: -2}, reason=MovementReason.damaged, **ACTOR)
        await move(connection, {pool: 0}, reason=MovementReason.received, **ACTOR)
    assert await capacity_and_movements(db) == (13, [10, 5, -2])


async def test_a_count_sets_what_is_left_and_leaves_what_is_sold(db: Database, pool: UUID) -> None:
    await sell(db, pool, 4)
    async with db.transaction() as connection:
        await count(connection, {pool: 1}, **ACTOR)
    assert await capacity_and_movements(db) == (5, [10, -5])
    assert await sql(db, "SELECT reserved FROM pool") == [(4,)]


async def test_there_cannot_be_less_than_is_sold(db: Database, pool: UUID) -> None:
    await sell(db, pool, 4)
    async with db.transaction() as connection:
        with pytest.raises(StockInUse) as refused:
            await move(connection, {pool: -7}, reason=MovementReason.damaged, **ACTOR)
    assert refused.value.details == {"pools": [str(pool)]}
    assert await capacity_and_movements(db) == (10, [10])


async def test_many_who_move_at_once_lose_nothing(db: Database, pool: UUID) -> None:
    async def receive(n: int) -> None:
        async with db.transaction() as connection:
            await move(connection, {pool: n}, reason=MovementReason.received, **ACTOR)

    await asyncio.gather(*(receive(n) for n in range(1, 9)))
    capacity, movements = await capacity_and_movements(db)
    assert (capacity, len(movements)) == (46, 9)


async def test_many_pools_open_at_once(db: Database) -> None:
    pools = [NewPool(name="x" * 300, units=n, id=uuid4()) for n in range(50)]
    async with db.transaction() as connection:
        await open_pools(connection, pools, **ACTOR, note="first delivery")
    assert len(await sql(db, "SELECT * FROM pool")) == 50
    assert len(await sql(db, "SELECT * FROM stock_movement")) == 49
