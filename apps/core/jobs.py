"""Background jobs in PostgreSQL, enqueued in the transaction that wants them done (pgqueuer underneath).

A job is an async function of the database and a few ids. It is delivered at least once: twice must change nothing.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule
from pgqueuer.types import QueueExecutionMode
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db import Database

Handler = Callable[..., Awaitable[None]]
ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=10)
HEARTBEAT = timedelta(seconds=8)
BATCH, AT_ONCE = 20, 40
ENQUEUE = QueryQueueBuilder().build_enqueue_query("skip")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """`every` is a cron expression for a job that takes no ids and runs by the clock."""

    name: str
    handler: Handler
    arguments: type[msgspec.Struct]
    every: str | None

    async def run(self, db: Database, payload: bytes | None) -> None:
        arguments = msgspec.json.decode(payload or b"{}", type=self.arguments)
        await self.handler(db, **msgspec.structs.asdict(arguments))

    def call(self, *, after: timedelta = timedelta(0), once: str | None = None, **arguments: Any) -> "Call":
        """This job with these arguments; `once` keeps a second one with the same text out of the queue."""
        return Call(self.name, msgspec.json.encode(self.arguments(**arguments)), after, once)


@dataclass(frozen=True, slots=True)
class Call:
    job: str
    payload: bytes
    after: timedelta
    once: str | None


JOBS: dict[str, Job] = {}


def job(name: str, *, every: str | None = None) -> Callable[[Handler], Job]:
    """Register `async def handler(db, **ids)` as the job `name` ("app.verb")."""

    def register(handler: Handler) -> Job:
        parameters = list(inspect.signature(handler, eval_str=True).parameters.values())[1:]
        fields = [(each.name, each.annotation) for each in parameters]
        JOBS[name] = Job(name, handler, msgspec.defstruct(f"{name}.arguments", fields), every)
        return JOBS[name]

    return register


async def enqueue(connection: AsyncConnection | AsyncSession, *calls: Call) -> None:
    """Put jobs into the queue; they run if, and only after, this transaction commits."""
    if not calls:
        return
    if isinstance(connection, AsyncSession):
        connection = await connection.connection()
    columns = (
        [0] * len(calls),
        [call.job for call in calls],
        [call.payload for call in calls],
        [call.after for call in calls],
        [call.once for call in calls],
        ["{}"] * len(calls),
    )
    await connection.exec_driver_sql(ENQUEUE, columns)


async def run_worker(db: Database, *, stop: asyncio.Event) -> None:
    """Work until `stop` is set; whatever ends the worker before, a lost connection mostly, starts it anew."""
    while not stop.is_set():
        try:
            await _run_queue(db, QueueExecutionMode.continuous, stop)
        except Exception as error:
            log.warning("worker.restarts", reason=repr(error), exc_info=True)
            await asyncio.sleep(1)


async def drain(db: Database) -> None:
    """Run what is due now, and what that enqueues; what waits for another try goes on waiting."""
    await _run_queue(db, QueueExecutionMode.drain, asyncio.Event())


async def _run_queue(db: Database, mode: QueueExecutionMode, stop: asyncio.Event) -> None:
    url = make_url(db.url).set(drivername="postgresql")
    connection = await asyncpg.connect(
        url.render_as_string(hide_password=False), server_settings={"application_name": "backline-worker"}
    )
    try:
        queue = _queue(db, connection)
        queue.shutdown = queue.qm.shutdown = queue.sm.shutdown = stop
        if mode is QueueExecutionMode.drain:
            queue.qm.queries.queued_work = queue.qm.queries.eligible_queued_work  # type: ignore[method-assign]
            await queue.qm.run(mode=mode, batch_size=BATCH, dequeue_timeout=timedelta(0), max_concurrent_tasks=AT_ONCE)
        else:
            await queue.run(mode=mode, batch_size=BATCH, heartbeat_timeout=HEARTBEAT, max_concurrent_tasks=AT_ONCE)
    finally:
        await connection.close()


def _queue(db: Database, connection: asyncpg.Connection) -> PgQueuer:
    queue = PgQueuer.from_asyncpg_connection(connection)
    for each in JOBS.values():
        queue.entrypoint(each.name, on_failure="hold")(_queued(db, each))
        if each.every:
            queue.schedule(each.name, each.every)(_scheduled(db, each))
    return queue


def _queued(db: Database, each: Job) -> Callable[[QueuedJob], Awaitable[None]]:
    async def run(queued: QueuedJob) -> None:
        try:
            await each.run(db, queued.payload)
        except Exception as error:
            last = queued.attempts + 1 >= ATTEMPTS
            log.error("job.failed", job=each.name, attempt=queued.attempts + 1, held=last, exc_info=True)
            if last:
                raise
            raise RetryRequested(delay=_pause(queued.attempts), reason=repr(error)) from error

    return run


def _scheduled(db: Database, each: Job) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_: Schedule) -> None:
        try:
            await each.run(db, None)
        except Exception:
            log.error("job.failed", job=each.name, exc_info=True)

    return run


def _pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=2**attempts), LONGEST_PAUSE)


@job("core.forget_job_log", every="23 4 * * *")
async def forget_job_log(db: Database) -> None:
    """pgqueuer keeps a line for every step of every job; a week is enough once they are counted."""
    async with db.transaction() as connection:
        await connection.execute(
            text("DELETE FROM pgqueuer_log WHERE aggregated AND created < now() - interval '7 days'")
        )
