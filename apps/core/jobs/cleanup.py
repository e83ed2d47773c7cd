"""Cleanup jobs: finished jobs, dead processes, old idempotency records, rate counts and audit entries are deleted."""

from datetime import timedelta

from sqlalchemy import delete, func, text

from apps.core.db.database import Database
from apps.core.jobs.queue import job
from apps.core.models import AuditEntry, IdempotencyRecord, Process, RateCount
from apps.core.privacy.forgetting import forget_older
from project.settings import settings

PROCESSES_KEPT = timedelta(days=1)
RECORDS_KEPT = timedelta(hours=24)


@job("core.forget_job_log", every="23 4 * * *")
async def forget_job_log(db: Database) -> None:
    """pgqueuer keeps a line for every step of every job; a week is enough once they are counted."""
    async with db.transaction() as connection:
        await connection.execute(
            text("DELETE FROM pgqueuer_log WHERE aggregated AND created < now() - interval '7 days'")
        )


@job("core.forget_processes", every="29 4 * * *")
async def forget_processes(db: Database) -> None:
    async with db.transaction() as connection:
        await connection.execute(delete(Process).where(Process.seen_at < func.now() - PROCESSES_KEPT))


@job("core.forget_rate_counts", every="*/10 * * * *")
async def forget_rate_counts(db: Database) -> None:
    async with db.transaction() as connection:
        await connection.execute(delete(RateCount).where(RateCount.window_ends_at < func.now()))


@job("core.forget_idempotency_records", every="17 * * * *")
async def forget_idempotency_records(db: Database) -> None:
    """Those that are kept for requests that come again."""
    async with db.transaction() as connection:
        await connection.execute(
            delete(IdempotencyRecord).where(IdempotencyRecord.created_at < func.now() - RECORDS_KEPT)
        )


@job("core.forget_audit_log", every="11 4 * * *")
async def forget_audit_log(db: Database) -> None:
    """After AUDIT_DAYS. No rule reads it."""
    await forget_older(db, AuditEntry.table(), settings.audit_days)
