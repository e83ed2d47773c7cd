"""Jobs are done if, and only if, the transaction that wanted them is; a failing one is tried again, then kept aside."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule

from apps.core.db.database import Database
from apps.core.events import SUBSCRIBERS, calls_for, publish, subscribe
from apps.core.jobs import ATTEMPTS, JOBS, Job, attempts, drain, enqueue, forget_job_log, forget_processes, job
from tests.journeys.customer import hurry_jobs, sql
from tests.kernel.processes import PATIENCE

pytestmark = pytest.mark.anyio
DONE: list[UUID] = []


class Rang(msgspec.Struct, frozen=True):
    id: UUID


@pytest.fixture
def bell() -> Iterator[Job]:
    """A job that notes that it ran; forgotten after the test."""

    async def ring(db: Database, id: UUID) -> None:
        DONE.append(id)

    DONE.clear()
    yield job("test.ring")(ring)
    del JOBS["test.ring"]


@pytest.fixture
def broken() -> Iterator[Job]:
    async def fail(db: Database) -> None:
        raise ValueError("always")

    yield job("test.fail")(fail)
    del JOBS["test.fail"]


@pytest.fixture
def hanging() -> Iterator[Job]:
    async def hang(db: Database) -> None:
        await asyncio.Event().wait()

    yield job("test.hang")(hang)
    del JOBS["test.hang"]


async def waiting(db: Database) -> list[tuple[str, int]]:
    return await sql(db, "SELECT status::text, attempts FROM pgqueuer ORDER BY id")


async def test_a_job_runs_with_its_arguments(db: Database, bell: Job) -> None:
    id = uuid4()
    async with db.begin() as session:
        await enqueue(session, bell.call(id=id))
    await drain(db)
    assert id in DONE
    assert await waiting(db) == []


async def test_a_rollback_leaves_no_job(db: Database, bell: Job) -> None:
    async with db.begin() as session:
        await enqueue(session, bell.call(id=uuid4()))
        await session.rollback()
    with suppress(ZeroDivisionError):
        async with db.transaction() as connection:
            await enqueue(connection, bell.call(id=uuid4()))
            raise ZeroDivisionError
    assert await waiting(db) == []


async def test_a_job_for_later_is_not_run_now(db: Database, bell: Job) -> None:
    id = uuid4()
    async with db.begin() as session:
        await enqueue(session, bell.call(id=id, after=timedelta(hours=1)))
    await drain(db)
    assert id not in DONE
    await hurry_jobs(db)
    await drain(db)
    assert id in DONE


async def test_once_keeps_a_second_one_out_until_the_first_is_done(db: Database, bell: Job) -> None:
    for _ in range(2):
        async with db.begin() as session:
            await enqueue(session, *(bell.call(id=uuid4(), dedupe_key="the only one") for _ in range(3)))
        assert len(await waiting(db)) == 1
        await drain(db)
    assert len(DONE) == 2


async def test_a_failing_job_waits_for_another_try(db: Database, broken: Job, bell: Job) -> None:
    async with db.begin() as session:
        await enqueue(session, broken.call(), bell.call(id=uuid4()))
    await drain(db)
    assert await waiting(db) == [("queued", 1)]
    ((pause,),) = await sql(db, "SELECT execute_after - updated FROM pgqueuer")
    assert pause >= timedelta(seconds=1)


async def test_a_job_that_always_fails_is_kept_aside(db: Database, broken: Job) -> None:
    async with db.begin() as session:
        await enqueue(session, broken.call())
    await sql(db, "UPDATE pgqueuer SET attempts = :attempts", attempts=ATTEMPTS - 1)
    for _ in range(2):
        await drain(db)
        assert [status for status, _ in await waiting(db)] == ["failed"]
        await hurry_jobs(db)


def test_pauses_grow_to_ten_minutes() -> None:
    pauses = [attempts.pause(number) for number in range(ATTEMPTS)]
    assert pauses[0] == timedelta(seconds=1)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=10)


async def test_two_workers_share_the_jobs_and_do_none_twice(db: Database, bell: Job) -> None:
    ids = [uuid4() for _ in range(100)]
    async with db.begin() as session:
        await enqueue(session, *(bell.call(id=id) for id in ids))
    await asyncio.gather(drain(db), drain(db))
    assert sorted(DONE) == sorted(ids)


async def test_an_event_is_a_job_for_each_subscriber_in_the_same_transaction(db: Database, bell: Job) -> None:
    subscribe(Rang)(bell)
    id = uuid4()
    async with db.begin() as session:
        await publish(session, Rang(id))
        await session.rollback()
    assert await waiting(db) == []
    async with db.begin() as session:
        await publish(session, Rang(id))
    await drain(db)
    del SUBSCRIBERS[Rang]
    assert [id] == DONE


def test_an_event_nobody_listens_to_asks_for_nothing() -> None:
    assert calls_for(Rang(uuid4())) == []


def test_a_job_that_runs_by_the_clock_takes_no_arguments() -> None:
    assert all(not msgspec.structs.fields(each.arguments) for each in JOBS.values() if each.every)


class TestWhatIsForgotten:
    async def test_lines_of_the_log_a_week_after_they_are_counted(self, db: Database) -> None:
        for days, aggregated in ((6, True), (8, True), (8, False)):
            await sql(
                db,
                """INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, aggregated, created)
                   VALUES (1, 'successful', 0, '', :aggregated, now() - make_interval(days => :days))""",
                days=days,
                aggregated=aggregated,
            )
        await forget_job_log.run(db, None)
        left = await sql(db, "SELECT extract(day FROM now() - created)::int, aggregated FROM pgqueuer_log ORDER BY 1")
        assert left == [(6, True), (8, False)]

    async def test_processes_a_day_after_they_were_seen(self, db: Database) -> None:
        for hours in (23, 25):
            seen = "INSERT INTO process VALUES (gen_random_uuid(), :kind, now() - make_interval(hours => :hours))"
            await sql(db, seen, kind=str(hours), hours=hours)
        await forget_processes.run(db, None)
        assert await sql(db, "SELECT kind FROM process") == [("23",)]


async def test_a_job_by_the_clock_that_fails_ends_nothing(db: Database, broken: Job) -> None:
    await attempts.scheduled(db, broken)(Schedule.model_construct())


@pytest.mark.parametrize("run", [attempts.queued, attempts.scheduled])
async def test_a_job_that_hangs_gives_its_place_back(
    db: Database, hanging: Job, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]
) -> None:
    monkeypatch.setattr(attempts, "LONGEST_TRY", timedelta(milliseconds=1))
    with suppress(RetryRequested):
        async with asyncio.timeout(PATIENCE):
            await run(db, hanging)(QueuedJob.model_construct(payload=None, attempts=0))
