"""pgqueuer's statements, changed so that a job without a recorded outcome is run again."""

from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.models import Job, TracebackRecord
from pgqueuer.ports.driver import Driver
from pgqueuer.types import JOB_STATUS

from apps.core.jobs.attempts import NotYet
from apps.core.jobs.processes import SEEN

PULSE = 5.0
"""Seconds between two signs of life, at least."""
POSTPONE = """
UPDATE pgqueuer SET status = 'queued', execute_after = now() + $2, updated = now(), queue_manager_id = NULL
WHERE id = $1 AND status = 'picked'
"""
log = structlog.get_logger(__name__)


class JobQueries(Queries):
    """`worker` names this worker in the table of processes; that it asks for jobs shows that it lives."""

    def __init__(self, driver: Driver, worker: UUID) -> None:
        super().__init__(driver)
        self._worker = worker
        self._seen_at = 0.0

    async def dequeue(self, *args: Any, **named: Any) -> list[Job]:
        if monotonic() - self._seen_at >= PULSE:
            await self.driver.execute(SEEN, self._worker, "worker")
            self._seen_at = monotonic()
        return await super().dequeue(*args, **named)

    async def retry_job(self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        """What cannot be written stays picked, and is picked again when its worker has been silent about it.

        pgqueuer would keep it aside as failed for good.
        """
        try:
            if traceback_record and traceback_record.exception_type == NotYet.__name__:
                await self.driver.execute(POSTPONE, job.id, delay)
            else:
                await super().retry_job(job, delay, traceback_record)
        except Exception as error:
            log.warning("job.retry_not_written", job=job.entrypoint, reason=repr(error))

    async def log_jobs(self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]) -> None:
        """What a stopping worker broke off is not done: pgqueuer would delete it."""
        ended = [each for each in job_status if each[1] != "canceled"]
        if ended:
            await super().log_jobs(ended)
