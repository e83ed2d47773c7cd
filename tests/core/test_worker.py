"""The worker outlives its database's troubles, and no job is lost or given up because of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS, Job, attempts, connection, drain, enqueue, job, outcomes, run_worker, worker
from apps.core.jobs.connection import WorkerConnection
from tests.core.unsteady import Way, unsteady
from tests.journeys.customer import sql
from tests.kernel.processes import PATIENCE, until

pytestmark = pytest.mark.anyio
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'backline-worker' AND datname = current_database()
"""
FILL_THE_DISK = (
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$""",
    """CREATE TRIGGER disk BEFORE INSERT ON pgqueuer_log FOR EACH ROW WHEN (NEW.traceback IS NOT NULL)
       EXECUTE FUNCTION refuse()""",
)
MAKE_ROOM = "DROP FUNCTION refuse CASCADE"


class Bell:
    """A job that notes for whom it rang; what is in `troubles` it raises first, one each try."""

    def __init__(self) -> None:
        self.tried: list[UUID] = []
        self.rang: list[UUID] = []
        self.troubles: list[Exception] = []
        self.may_ring = asyncio.Event()
        self.may_ring.set()

    async def ring(self, db: Database, id: UUID) -> None:
        self.tried.append(id)
        await self.may_ring.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.rang.append(id)

    async def ask(self, db: Database) -> UUID:
        id = uuid4()
        async with db.begin() as session:
            await enqueue(session, self.job.call(id=id))
        return id

    @property
    def job(self) -> Job:
        return JOBS["test.ring"]


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    job("test.ring")(bell.ring)
    yield bell
    del JOBS["test.ring"]


@asynccontextmanager
async def working(db: Database) -> AsyncIterator[asyncio.Task[None]]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(db, stop=stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE)


@pytest.fixture
async def way(database_url: str) -> AsyncIterator[Way]:
    async with unsteady(database_url) as way:
        yield way


@pytest.fixture
async def far_db(way: Way) -> AsyncIterator[Database]:
    """The same database, by a way that may be cut."""
    database = Database(way.url)
    yield database
    await database.close()


def has(what: Callable[[], object]) -> Callable[[], object]:
    async def happened() -> bool:
        return bool(what())

    return happened


async def queue_is(db: Database, *rows: tuple[str, int]) -> bool:
    return await sql(db, "SELECT status::text, attempts FROM pgqueuer ORDER BY id") == list(rows)


class TestSessions:
    async def test_a_cut_session_does_not_end_it(self, db: Database, bell: Bell) -> None:
        async with working(db) as task:
            for number in range(3):
                await until(lambda: sql(db, CUT))
                await bell.ask(db)
                await until(has(lambda number=number: len(bell.rang) == number + 1))
            assert not task.done()

    async def test_a_job_that_runs_meanwhile_is_done_once(self, db: Database, bell: Bell) -> None:
        bell.may_ring.clear()
        async with working(db):
            await bell.ask(db)
            await until(has(lambda: bell.tried))
            await sql(db, CUT)
            bell.may_ring.set()
            await until(lambda: queue_is(db))
        assert len(bell.tried) == len(bell.rang) == 1

    async def test_a_database_that_is_away_is_waited_for(
        self, db: Database, far_db: Database, way: Way, bell: Bell, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async with working(far_db):
            await bell.ask(db)
            await until(has(lambda: bell.rang))
            way.close()
            await bell.ask(db)
            await asyncio.sleep(4 * connection.SHORTEST_PAUSE)
            assert len(bell.rang) == 1
            await way.open()
            await until(has(lambda: len(bell.rang) == 2))
        assert capsys.readouterr().out.count("worker.database_away") <= 1

    async def test_a_session_that_hangs_is_given_up(
        self, db: Database, far_db: Database, way: Way, bell: Bell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connection, "STATEMENT_TIMEOUT", 0.3)
        async with working(far_db):
            await bell.ask(db)
            await until(has(lambda: bell.rang))
            way.freeze()
            await bell.ask(db)
            await until(has(lambda: len(bell.rang) == 2))

    async def test_it_stops_while_the_database_is_away(self, far_db: Database, way: Way) -> None:
        async with working(far_db):
            await until(lambda: sql(far_db, "SELECT id FROM process"))
            way.close()

    async def test_a_mistake_of_ours_is_not_waited_for(self, db: Database) -> None:
        way = WorkerConnection(db.url, stop=asyncio.Event())
        with pytest.raises(Exception, match="expects 1 argument"):
            await way.fetch("SELECT $1::int")
        assert await way.fetch("SELECT 1 AS one") == [{"one": 1}]
        await way.close()

    async def test_what_it_listens_to_is_heard_after_a_cut(self, db: Database) -> None:
        way, heard = WorkerConnection(db.url, stop=asyncio.Event()), []
        await way.add_listener("test", heard.append)
        await until(lambda: sql(db, CUT))
        await way.notify("test", "again")
        await until(has(lambda: heard == ["again"]))
        await way.close()

    async def test_what_fails_otherwise_starts_it_anew(
        self, db: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker, "RESTART_PAUSE", 0.01)
        await sql(db, "ALTER TABLE pgqueuer_schedules RENAME TO elsewhere")
        async with working(db) as task:
            await bell.ask(db)
            await sql(db, "ALTER TABLE elsewhere RENAME TO pgqueuer_schedules")
            await until(has(lambda: bell.rang))
            assert not task.done()


class TestOutcomes:
    async def test_a_retry_that_cannot_be_written_comes_when_there_is_room(self, db: Database, bell: Bell) -> None:
        bell.troubles = [ValueError("first")]
        await bell.ask(db)
        for statement in FILL_THE_DISK:
            await sql(db, statement)
        async with working(db):
            await until(has(lambda: bell.tried))
            await asyncio.sleep(4 * connection.SHORTEST_PAUSE)
            assert await queue_is(db, ("picked", 0))
            await sql(db, MAKE_ROOM)
            await until(lambda: queue_is(db))
        assert len(bell.rang) == 1

    async def test_nor_is_it_lost_with_its_worker(self, db: Database, bell: Bell) -> None:
        bell.troubles = [ValueError("first")]
        await bell.ask(db)
        for statement in FILL_THE_DISK:
            await sql(db, statement)
        async with working(db):
            await until(has(lambda: bell.tried))
        assert await queue_is(db, ("picked", 0))

    async def test_a_try_that_the_database_spoilt_does_not_count(
        self, db: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attempts, "OUTAGE_PAUSE", attempts.OUTAGE_PAUSE * 0)
        monkeypatch.setattr(attempts, "ATTEMPTS", 1)
        for statement in FILL_THE_DISK:
            await sql(db, statement)
        spoilt = await failure(
            db,
            """INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, traceback)
               VALUES (1, 'queued', 0, '', '1')""",
        )
        await sql(db, MAKE_ROOM)
        bell.troubles = [spoilt, spoilt]
        await bell.ask(db)
        async with working(db):
            await until(lambda: queue_is(db))
        assert len(bell.rang) == 1

    async def test_not_yet_is_no_try_and_waits_as_long_as_it_says(self, db: Database, bell: Bell) -> None:
        bell.troubles = [attempts.NotYet(timedelta(hours=1))]
        await bell.ask(db)
        await drain(db)
        waiting = "SELECT status::text, attempts, execute_after > now() + interval '59 minutes' FROM pgqueuer"
        assert await sql(db, waiting) == [("queued", 0, True)]

    async def test_it_shows_again_and_again_that_it_lives(self, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outcomes, "PULSE", 0.0)
        async with working(db):
            await until(lambda: sql(db, "SELECT id FROM process"))
            ((first,),) = await sql(db, "SELECT seen_at FROM process")
            await until(lambda: sql(db, "SELECT id FROM process WHERE seen_at > :first", first=first))

    async def test_what_a_stopped_worker_broke_off_is_done_by_the_next(self, db: Database, bell: Bell) -> None:
        bell.may_ring.clear()
        await bell.ask(db)
        stop = asyncio.Event()
        task = asyncio.create_task(run_worker(db, stop=stop))
        await until(has(lambda: bell.tried))
        stop.set()
        await asyncio.wait([task], timeout=0.5)
        task.cancel()
        await asyncio.wait([task])
        assert await queue_is(db, ("picked", 0))


async def failure(db: Database, statement: str) -> Exception:
    try:
        await sql(db, statement)
    except Exception as error:
        return error
    raise AssertionError(statement)
