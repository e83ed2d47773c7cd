"""One attempt of a job, and the retry when it fails."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule

from apps.core.db.database import Database
from apps.core.db.errors import is_away
from apps.core.jobs.queue import Job

ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_TRY = timedelta(minutes=30)
"""What hangs longer gives its place back."""
OUTAGE_PAUSE = timedelta(seconds=5)
log = structlog.get_logger(__name__)


class NotYet(RetryRequested):
    """Raised by a job that cannot be done now through no fault of its own: again after `delay`, and no try is lost."""


def queued(db: Database, job: Job) -> Callable[[QueuedJob], Awaitable[None]]:
    async def run(queued: QueuedJob) -> None:
        try:
            async with asyncio.timeout(LONGEST_TRY.total_seconds()):
                await job.run(db, queued.payload)
        except NotYet:
            raise
        except Exception as error:
            if another_try := _another_try(job, queued, error):
                raise another_try from error
            raise

    return run


def scheduled(db: Database, job: Job) -> Callable[[Schedule], Awaitable[None]]:
    """A try that fails is followed by the next by the clock."""

    async def run(_: Schedule) -> None:
        try:
            async with asyncio.timeout(LONGEST_TRY.total_seconds()):
                await job.run(db, None)
        except Exception as error:
            if is_away(error):
                log.warning("job.database_away", job=job.name, reason=repr(error))
            else:
                log.error("job.failed", job=job.name, exc_info=True)

    return run


def _another_try(job: Job, queued: QueuedJob, error: Exception) -> RetryRequested | None:
    """None after the last. One that failed because the database was away does not count."""
    if is_away(error):
        log.warning("job.database_away", job=job.name, reason=repr(error))
        return NotYet(OUTAGE_PAUSE, repr(error))
    attempt = queued.attempts + 1
    is_last = attempt >= ATTEMPTS
    log.error("job.failed", job=job.name, attempt=attempt, held=is_last, exc_info=error)
    return None if is_last else RetryRequested(pause(queued.attempts), repr(error))


def pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=2**attempts), LONGEST_PAUSE)
