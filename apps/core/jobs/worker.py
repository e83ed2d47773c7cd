"""The worker: what is due is picked from the queue and done, until somebody stops it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.qm import QueueManager
from pgqueuer.types import QueueExecutionMode
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.core.jobs.attempts import queued, scheduled
from apps.core.jobs.connection import WorkerConnection
from apps.core.jobs.outcomes import JobQueries
from apps.core.jobs.queue import JOBS, Job, Lane

HEARTBEAT = timedelta(seconds=8)
LONGEST_SLEEP = timedelta(seconds=1.5)
"""The queue is looked at that often even when nobody tells of a new job. That shows that the worker lives, and notices
a cut connection: jobs wait no longer than two seconds for a new one."""
BATCHES = {Lane.main: 20, Lane.mail: 5}
"""Jobs that are picked together; twice as many run at once."""
RESTART_PAUSE = 1.0
log = structlog.get_logger(__name__)


async def run_worker(db: Database, *, stop: asyncio.Event) -> None:
    """Work until `stop` is set. A database that is away is waited for; any other failure starts the worker anew."""
    while not stop.is_set():
        try:
            await _work(db, stop)
        except Exception as error:
            if stop.is_set():
                log.warning("worker.stopped_in_the_middle", reason=repr(error))
                return
            log.error("worker.restarts", exc_info=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RESTART_PAUSE)


async def drain(db: Database) -> None:
    """Run what is due now, and what that enqueues; what waits for another try goes on waiting."""
    async with _queries(db, asyncio.Event()) as queries:
        queries.queued_work = queries.eligible_queued_work  # type: ignore[method-assign]
        await _queue(db, queries, JOBS.values()).run(
            mode=QueueExecutionMode.drain,
            batch_size=BATCHES[Lane.main],
            dequeue_timeout=timedelta(0),
            max_concurrent_tasks=2 * BATCHES[Lane.main],
        )


async def _work(db: Database, stop: asyncio.Event) -> None:
    """pgqueuer's managers share `stop`; nobody but its owner sets it. When one fails the others end, too."""
    async with _queries(db, stop) as queries, asyncio.TaskGroup() as managers:
        for lane, batch in BATCHES.items():
            queue = _queue(db, queries, [each for each in JOBS.values() if each.lane is lane])
            queue.shutdown = stop
            running = queue.run(
                batch_size=batch,
                dequeue_timeout=LONGEST_SLEEP,
                heartbeat_timeout=HEARTBEAT,
                max_concurrent_tasks=2 * batch,
            )
            managers.create_task(running)
        schedule = _schedule(db, queries)
        schedule.shutdown = stop
        managers.create_task(schedule.run())


@asynccontextmanager
async def _queries(db: Database, stop: asyncio.Event) -> AsyncIterator[JobQueries]:
    connection = WorkerConnection(db.url, stop=stop)
    try:
        yield JobQueries(connection, uuid7())
    finally:
        await connection.close()


def _queue(db: Database, queries: JobQueries, jobs: Iterable[Job]) -> QueueManager:
    queue = QueueManager(queries)
    for each in jobs:
        queue.entrypoint(each.name, on_failure="hold")(queued(db, each))
    return queue


def _schedule(db: Database, queries: JobQueries) -> SchedulerManager:
    schedule = SchedulerManager(queries)
    for each in JOBS.values():
        if each.every:
            schedule.schedule(each.name, each.every)(scheduled(db, each))
    return schedule
