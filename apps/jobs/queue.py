"""What can be done with a job that failed for good, in the tables and by the statements of pgqueuer."""

from collections.abc import Collection, Mapping
from typing import Any

from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from sqlalchemy import BigInteger, DateTime, column, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record_about
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import lazy as _
from apps.jobs.models import StuckJob

LOG = table(
    "pgqueuer_log",
    column("job_id", BigInteger),
    column("created", DateTime(timezone=True)),
    column("traceback", JSONB),
)
REQUEUE = QueryQueueBuilder().build_requeue_jobs_query()
GIVE_UP = """
WITH gone AS (
    DELETE FROM pgqueuer WHERE id = ANY($1::bigint[]) AND status = 'failed' RETURNING id, entrypoint, priority
)
INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority) SELECT id, 'deleted', entrypoint, priority FROM gone
"""


class QueuedAlready(AppError):
    status = 409
    type = "job-queued-already"
    message = _("The same job is already in the queue. You can cancel this one.")


async def try_again(session: AsyncSession, job: StuckJob, *, actor: str) -> None:
    """It begins anew, at once and with all its tries. Raises QueuedAlready; NotFound when it is not kept any more."""
    try:
        await _change(session, REQUEUE, job)
    except IntegrityError:
        raise QueuedAlready from None
    _record(session, "jobs.retry", job, actor)


async def give_up(session: AsyncSession, job: StuckJob, *, actor: str) -> None:
    """It is never done. Raises NotFound when it is not kept any more."""
    await _change(session, GIVE_UP, job)
    _record(session, "jobs.give_up", job, actor)


async def _change(session: AsyncSession, statement: str, job: StuckJob) -> None:
    connection = await session.connection()
    changed = await connection.exec_driver_sql(statement, ([job.number],))
    if changed.rowcount == 0:
        raise NotFound


def _record(session: AsyncSession, action: str, job: StuckJob, actor: str) -> None:
    told = {"job": job.name, "arguments": arguments_of(job)}
    record_about(session, action, StuckJob.__name__, job.id, name=job.name, actor=actor, before=told)


def arguments_of(job: StuckJob) -> str:
    """The ids that it works on, as JSON."""
    return (job.payload or b"").decode()


async def last_failures(session: AsyncSession, numbers: Collection[int]) -> Mapping[int, Mapping[str, Any]]:
    """pgqueuer's record of the last failure, by the job's number, as long as its log is kept: one query."""
    found = (
        select(LOG.c.job_id, LOG.c.traceback)
        .distinct(LOG.c.job_id)
        .where(LOG.c.job_id.in_(numbers), LOG.c.traceback.is_not(None))
        .order_by(LOG.c.job_id, LOG.c.created.desc())
    )
    return dict((await session.execute(found)).tuples().all())
