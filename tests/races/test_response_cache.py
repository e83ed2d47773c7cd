"""Kept answers against changes: real notifications, real processes, a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url, text

from apps.core.db.database import Database
from apps.inventory.levels import FEW
from apps.inventory.release import mark_sold
from project.web.response_cache.cache import ResponseCache
from project.web.response_cache.cached_response import CachedResponse, Recorded
from project.web.response_cache.changes import CHANNEL, WINDOW, Changes
from project.web.response_cache.negotiation import Wanted
from tests.factories import make_pool, make_ticket_type
from tests.journeys.customer import sql
from tests.kernel.processes import PATIENCE, until

pytestmark = pytest.mark.anyio
WANTED = Wanted("/titles?#en", "en", False, b"")
OWNERS = [UUID(int=1), UUID(int=2)]
PUBLIC = [(b"cache-control", b"public, max-age=10")]
MEGABYTE = 1024 * 1024
SEEN = {
    *("category", "concert", "offer", "offer_pool", "offer_price", "product", "product_image", "product_price"),
    *("ticket_type", "tour", "variant", "venue"),
}


class Titles:
    """A public answer that is read from the database: how often, and not before the gate is open."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.made = self.read = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def make(self) -> CachedResponse:
        self.made += 1
        rows = await sql(self.db, "SELECT title FROM category ORDER BY slug")
        self.read += 1
        await self.gate.wait()
        return CachedResponse(Recorded(200, PUBLIC, ",".join(row.title for row in rows).encode()), "en")

    async def rename(self, title: str) -> None:
        await sql(self.db, f"UPDATE category SET title = '{title}'")


@pytest.fixture
async def titles(db: Database) -> Titles:
    await sql(db, "INSERT INTO category (id, slug, title) VALUES (gen_random_uuid(), 'shirts', 'old')")
    return Titles(db)


@pytest.fixture
async def cache(db: Database, titles: Titles) -> AsyncIterator[ResponseCache]:
    """It listens when what the fixtures change has been told."""
    made = ResponseCache(bytes_at_most=MEGABYTE)
    task = asyncio.create_task(Changes(db.url, made).listen())
    await eventually(lambda: made.generation is not None)
    yield made
    task.cancel()
    await asyncio.wait([task])
    assert made.generation is None


async def eventually(happens: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happens():  # noqa: ASYNC110 (a notification is waited for, which no event tells of)
            await asyncio.sleep(0.005)


async def body(cache: ResponseCache, make: Callable[[], Awaitable[CachedResponse]], key: str = WANTED.key) -> str:
    return (await cache.get(Wanted(key, "en", False, b""), make)).recorded.body.decode()


async def shows(cache: ResponseCache, titles: Titles, title: str) -> bool:
    return await body(cache, titles.make) == title


class TestKeeping:
    async def test_made_once_until_something_changes(self, cache: ResponseCache, titles: Titles) -> None:
        assert [await body(cache, titles.make) for _ in range(5)] == ["old"] * 5
        assert titles.made == 1
        await titles.rename("new")
        async with asyncio.timeout(1):
            await until(lambda: shows(cache, titles, "new"))
        assert titles.made == 2

    async def test_made_once_for_all_who_ask_at_the_same_time(self, cache: ResponseCache, titles: Titles) -> None:
        assert set(await asyncio.gather(*(body(cache, titles.make) for _ in range(50)))) == {"old"}
        assert titles.made == 1

    async def test_a_caller_who_leaves_takes_the_answer_from_nobody(self, cache: ResponseCache, titles: Titles) -> None:
        titles.gate.clear()
        leaver, stayer = (asyncio.create_task(body(cache, titles.make)) for _ in range(2))
        await eventually(lambda: titles.made == 1)
        leaver.cancel()
        titles.gate.set()
        assert await stayer == "old"
        assert titles.made == 1

    async def test_what_is_not_public_is_made_for_each(self, cache: ResponseCache) -> None:
        made = []

        async def refuse() -> CachedResponse:
            made.append(await asyncio.sleep(0.01))
            return CachedResponse(Recorded(404, PUBLIC, b"%d" % len(made)), "en")

        assert len(set(await asyncio.gather(*(body(cache, refuse) for _ in range(5))))) == 5

    async def test_memory_is_bounded_and_the_oldest_go_first(self, cache: ResponseCache, titles: Titles) -> None:
        big = "x" * 40_000
        await titles.rename(big[:200])
        for number in range(1000):
            await body(cache, titles.make, key=f"/{number}?{big[:2000]}")
        made = titles.made
        await body(cache, titles.make, key=f"/999?{big[:2000]}")
        assert titles.made == made
        await body(cache, titles.make, key=f"/0?{big[:2000]}")
        assert titles.made == made + 1


class TestRaces:
    async def test_an_answer_that_a_change_overtook_is_not_kept(self, cache: ResponseCache, titles: Titles) -> None:
        titles.gate.clear()
        early, generation = asyncio.create_task(body(cache, titles.make)), cache.generation
        await eventually(lambda: titles.read == 1)
        await titles.rename("new")
        await eventually(lambda: cache.generation != generation)
        late = asyncio.create_task(body(cache, titles.make))
        await eventually(lambda: titles.read == 2)
        titles.gate.set()
        assert (await early, await late, await body(cache, titles.make)) == ("old", "new", "new")

    async def test_a_hot_sale_makes_few_answers_and_none_grows_old(self, cache: ResponseCache, titles: Titles) -> None:
        began, renamed = monotonic(), []
        while monotonic() < began + 2:
            await titles.rename(str(len(renamed)))
            renamed.append(monotonic())
            known_to_all = sum(moment < monotonic() - 1 for moment in renamed) - 1
            assert int(await body(cache, titles.make)) >= known_to_all
        assert titles.made <= 2 + (monotonic() - began) / WINDOW

    async def test_nothing_is_kept_while_changes_are_not_heard(self, cache: ResponseCache, titles: Titles) -> None:
        await body(cache, titles.make)
        generation = cache.generation
        await sql(
            titles.db,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'backline-answers' AND datname = current_database()",
        )
        await eventually(lambda: cache.generation is None)
        await titles.rename("new")
        assert await body(cache, titles.make) == "new"
        await eventually(lambda: cache.generation not in (None, generation))
        assert [await body(cache, titles.make) for _ in range(3)] == ["new"] * 3


class TestNotifications:
    @pytest.fixture
    async def heard(self, db: Database) -> AsyncIterator[list[object]]:
        heard: list[object] = []
        connection = await asyncpg.connect(make_url(db.url).set(drivername="postgresql").render_as_string(False))
        await connection.add_listener(CHANNEL, lambda *said: heard.append(said[3]))
        yield heard
        await connection.close()

    async def test_every_table_that_fans_see_tells_once_a_transaction(self, db: Database, heard: list[object]) -> None:
        for table in SEEN:
            async with db.transaction() as connection:
                for _ in range(3):
                    await connection.execute(text(f"DELETE FROM {table} WHERE false"))
        await eventually(lambda: len(heard) == len(SEEN))
        assert len(set(heard)) == len(SEEN)

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            (0, 50, False),
            (50, 78, False),
            (78, 79, True),
            (79, 80, False),
            (80, 81, True),
            (98, 99, True),
            (99, 10, True),
        ],
    )
    async def test_a_pool_tells_only_what_fans_see(
        self, db: Database, heard: list[object], before: int, after: int, told: bool
    ) -> None:
        """Of 100 places two are taken for a ticket; how many tickets are left is shown from 10 down."""
        assert FEW == 10, "the trigger knows what few are, too"
        async with db.begin() as session:
            pool = await make_pool(session, 100)
            await make_ticket_type(session, {pool.id: 2})
            pool.reserved = before
        await eventually(lambda: bool(heard))
        heard.clear()
        await sql(db, "UPDATE pool SET reserved = :after", after=after)
        await sql(db, "SELECT pg_notify(:channel, 'end')", channel=CHANNEL)
        await eventually(lambda: "end" in heard)
        assert len(heard) == (2 if told else 1)

    async def test_a_full_pool_tells_when_its_last_hold_is_sold(self, db: Database, heard: list[object]) -> None:
        """Until then fans hope for what is in carts; the sales before change nothing that they see."""
        async with db.begin() as session:
            pool = await make_pool(session, 50)
            await make_ticket_type(session, {pool.id: 1})
            pool.reserved = 50
        holds = "INSERT INTO hold (item_id, pool_id, owner_id, units, state) SELECT gen_random_uuid(), :pool"
        each = f"{holds}, owner, 25, 'held' FROM unnest(CAST(:owners AS uuid[])) AS owner"
        await sql(db, each, pool=pool.id, owners=OWNERS)
        await eventually(lambda: bool(heard))
        heard.clear()
        for owner, told in zip(OWNERS, (0, 1), strict=True):
            async with db.transaction() as connection:
                await mark_sold(connection, [owner])
            await sql(db, "SELECT pg_notify(:channel, 'end')", channel=CHANNEL)
            await eventually(lambda: "end" in heard)
            assert len(heard) == told + 1
            heard.clear()
