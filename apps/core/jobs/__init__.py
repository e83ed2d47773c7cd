"""Background jobs in PostgreSQL, enqueued in the transaction that wants them done (pgqueuer underneath).

A job is an async function of the database and a few ids. It is delivered at least once: twice must change nothing.
Why it is so, and what becomes of a job whose worker or database goes: docs/decisions/events-and-jobs.md.
"""

from apps.core.jobs.attempts import ATTEMPTS, NotYet
from apps.core.jobs.cleanup import (
    forget_audit_log,
    forget_idempotency_records,
    forget_job_log,
    forget_processes,
    forget_rate_counts,
)
from apps.core.jobs.queue import JOBS, Call, Job, Lane, enqueue, job
from apps.core.jobs.worker import drain, run_worker

__all__ = [
    "ATTEMPTS",
    "JOBS",
    "Call",
    "Job",
    "Lane",
    "NotYet",
    "drain",
    "enqueue",
    "forget_audit_log",
    "forget_idempotency_records",
    "forget_job_log",
    "forget_processes",
    "forget_rate_counts",
    "job",
    "run_worker",
]
