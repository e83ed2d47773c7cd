"""The guard of everything scarce: whatever is held and let go, what is taken is the sum of what is held."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.database import Database
from apps.inventory.holds import NotEnough
from apps.inventory.release import mark_sold, release_expired, release_owner
from apps.inventory.reservations import Reservations
from tests.conftest import WORKER, recreate, url_of
from tests.factories import make_pool
from tests.journeys.customer import age_holds, sql
from tests.kernel.processes import somebody_waits, standing_in_the_way, until

pytestmark = pytest.mark.anyio
SOON = datetime(2100, 1, 1, tzinfo=UTC)
GONE = datetime(2000, 1, 1, tzinfo=UTC)
OWNERS, ITEMS = [uuid4() for _ in range(3)], [uuid4() for _ in range(4)]
STEP = st.one_of(
    st.tuples(
        st.just("hold"),
        st.sampled_from(OWNERS),
        st.dictionaries(
            st.sampled_from(ITEMS), st.dictionaries(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=2
        ),
        st.sampled_from([SOON, GONE, None]),
    ),
    st.tuples(st.just("release"), st.sampled_from(OWNERS)),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("sell"), st.sampled_from(OWNERS)),
    st.tuples(st.just("reduce"), st.sampled_from(ITEMS)),
)


@pytest.fixture
async def pool(db: Database) -> UUID:
    async with db.begin() as session:
        return (await make_pool(session, 5)).id


async def hold(db: Database, owner: UUID, item: UUID, units: dict[UUID, int], until: datetime | None = SOON) -> None:
    async with db.transaction() as connection:
        reservations = Reservations(connection)
        await reservations.load_holds([owner])
        await reservations.lock_pools({*units, *reservations.pools_of([item])}, demand=units)
        reservations.hold(owner, {item: units}, until=until)
        await reservations.write()


async def reserved(db: Database) -> list[int]:
    return [row.reserved for row in await sql(db, "SELECT reserved FROM pool ORDER BY id")]


async def test_holding_sets_what_an_item_holds_and_does_not_add(db: Database, pool: UUID) -> None:
    owner, item = OWNERS[0], ITEMS[0]
    for units in (2, 5, 1):
        await hold(db, owner, item, {pool: units})
        assert await reserved(db) == [units]
    await hold(db, owner, item, {})
    assert (await reserved(db), await sql(db, "SELECT * FROM hold")) == ([0], [])


async def test_a_shortage_takes_nothing_and_says_what_is_left(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 3})
    async with db.transaction() as connection:
        reservations = Reservations(connection)
        await reservations.lock_pools([pool])
        with pytest.raises(NotEnough) as refused:
            reservations.hold(OWNERS[1], {ITEMS[1]: {pool: 1}, ITEMS[2]: {pool: 2}}, until=None)
        await reservations.write()
    assert (refused.value.left, await reserved(db)) == ({pool: 2}, [3])


async def test_a_pool_that_is_not_locked_cannot_be_used(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 3})
    async with db.transaction() as connection:
        reservations = Reservations(connection)
        await reservations.load_holds([OWNERS[0]])
        with pytest.raises(KeyError):
            reservations.hold(OWNERS[1], {ITEMS[1]: {pool: 1}}, until=None)
        with pytest.raises(KeyError):
            reservations.release([ITEMS[0]])


@pytest.mark.parametrize(("table", "key"), [("pool", "id"), ("hold", "item_id")])
async def test_rows_are_locked_in_the_order_of_their_ids(db: Database, table: str, key: str) -> None:
    """However they lie in the table: who waits for the first of them keeps nobody from the others."""
    low, high = UUID(int=1), UUID(int=2)
    for id in (high, low):
        await sql(db, "INSERT INTO pool (id, name, capacity, created_at) VALUES (:id, 'pool', 9, now())", id=id)
        await hold(db, OWNERS[0], id, {id: 1})
    lock = f"SELECT 1 FROM {table} WHERE {key} = '{{}}' FOR UPDATE NOWAIT"
    async with standing_in_the_way(db, lock.format(low)):
        releasing = asyncio.create_task(release(db, OWNERS[0]))
        await until(lambda: somebody_waits(db))
        await sql(db, lock.format(high))
    await releasing
    assert await reserved(db) == [0, 0]


async def release(db: Database, owner: UUID) -> None:
    async with db.transaction() as connection:
        await release_owner(connection, owner)


async def test_only_what_ran_out_is_freed_for_others(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 2}, GONE)
    await hold(db, OWNERS[1], ITEMS[1], {pool: 2}, SOON)
    await hold(db, OWNERS[2], ITEMS[2], {pool: 3})
    assert await reserved(db) == [5]
    assert sorted(row.item_id for row in await sql(db, "SELECT item_id FROM hold")) == sorted(ITEMS[1:3])
    with pytest.raises(NotEnough):
        await hold(db, OWNERS[0], ITEMS[3], {pool: 1})


async def test_an_expired_hold_that_somebody_works_on_is_left_to_him(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 5}, GONE)
    async with db.transaction() as busy:
        await Reservations(busy).load_holds([OWNERS[0]])
        with pytest.raises(NotEnough):
            await hold(db, OWNERS[1], ITEMS[1], {pool: 1})
        async with db.transaction() as connection:
            assert await release_expired(connection) == 0
    await hold(db, OWNERS[1], ITEMS[1], {pool: 1})
    assert await reserved(db) == [1]


async def test_a_hold_that_ran_out_still_counts_for_its_owner(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 5}, GONE)
    await hold(db, OWNERS[0], ITEMS[0], {pool: 5}, SOON)
    assert (await reserved(db), await sql(db, "SELECT expires_at FROM hold")) == ([5], [(SOON,)])


async def test_what_is_sold_never_runs_out(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 5}, SOON)
    async with db.transaction() as connection:
        await mark_sold(connection, [OWNERS[0]])
    await age_holds(db, 10**6)
    async with db.transaction() as connection:
        assert await release_expired(connection) == 0
    assert await reserved(db) == [5]


async def test_reducing_frees_the_pieces_that_come_back(db: Database, pool: UUID) -> None:
    """Three pieces of two units each, one after the other."""
    await sql(db, "UPDATE pool SET capacity = 6")
    await hold(db, OWNERS[0], ITEMS[0], {pool: 6}, None)
    for of, left in ((3, 4), (2, 2), (1, 0)):
        async with db.transaction() as connection:
            reservations = Reservations(connection)
            await reservations.load_holds([OWNERS[0]])
            await reservations.lock_pools([pool])
            reservations.reduce(ITEMS[0], part=1, of=of)
            await reservations.write()
        assert await reserved(db) == [left]
    assert await sql(db, "SELECT * FROM hold") == []


async def test_what_is_held_says_so_until_its_moment(db: Database, pool: UUID) -> None:
    await hold(db, OWNERS[0], ITEMS[0], {pool: 2})
    async with db.reads() as connection:
        reservations = Reservations(connection)
        await reservations.look_at_holds([OWNERS[0]])
        assert reservations.owns(OWNERS[0])
        assert not reservations.owns(OWNERS[1])
        assert reservations.holds(ITEMS[0], {pool: 2}, at=SOON - timedelta(seconds=1))
        assert not reservations.holds(ITEMS[0], {pool: 2}, at=SOON)
        assert not reservations.holds(ITEMS[0], {pool: 3}, at=GONE)
        assert reservations.holds(ITEMS[1], {}, at=GONE)


def test_taken_is_the_sum_of_holds_after_anything(postgres: str, template: str) -> None:
    name = f"backline_ledger_{WORKER}"
    asyncio.run(recreate(postgres, name, template=template))
    with asyncio.Runner() as runner:
        db = Database(url_of(postgres, name), pool_size=2)

        @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(capacities=st.tuples(*[st.integers(0, 9)] * 3), steps=st.lists(STEP, min_size=3, max_size=15))
        def sequences(capacities: tuple[int, ...], steps: list) -> None:
            runner.run(keep_books(db, capacities, steps))

        sequences()
        runner.run(db.close())


async def keep_books(db: Database, capacities: tuple[int, ...], steps: list) -> None:
    for statement in ("DELETE FROM hold", "DELETE FROM pool"):
        await sql(db, statement)
    async with db.begin() as session:
        pools = [(await make_pool(session, capacity)).id for capacity in capacities]
    for step, *arguments in steps:
        async with db.transaction() as connection:
            await STEPS[step](connection, pools, *arguments)
        wrong = """SELECT * FROM pool WHERE reserved NOT BETWEEN 0 AND capacity
                   OR reserved <> (SELECT coalesce(sum(units), 0) FROM hold WHERE pool_id = pool.id)"""
        assert await sql(db, wrong) == []


async def take(
    connection: AsyncConnection, pools: list[UUID], owner: UUID, claims: dict, until: datetime | None
) -> None:
    """The item may be another owner's: it is given away, as a cart's lines are to its order."""
    named = {item: {pools[n]: units for n, units in wanted.items()} for item, wanted in claims.items()}
    reservations = Reservations(connection)
    await reservations.load_holds(OWNERS)
    if any(each.state == "sold" for each in reservations.items.values()):
        return
    await reservations.lock_pools(pools, demand=dict.fromkeys(pools, 9))
    with suppress(NotEnough):
        reservations.hold(owner, named, until=until)
    if until:
        reservations.renew(owner, until=SOON)
    await reservations.write()


async def reduce(connection: AsyncConnection, pools: list[UUID], item: UUID) -> None:
    reservations = Reservations(connection)
    await reservations.load_holds(OWNERS)
    await reservations.lock_pools(pools)
    reservations.reduce(item, part=1, of=2)
    await reservations.write()


STEPS = {
    "hold": take,
    "release": lambda connection, pools, owner: release_owner(connection, owner),
    "sweep": lambda connection, pools: release_expired(connection),
    "sell": lambda connection, pools, owner: mark_sold(connection, [owner]),
    "reduce": reduce,
}
