"""/health/live: the process answers. /health/ready: it can serve, or the reasons why not, and what else is wrong.

What takes a process out of service and what is only told of: docs/decisions/health.md.
"""

import asyncio
from collections.abc import Sequence
from time import monotonic

import msgspec
from litestar import Controller, Response, get
from litestar.datastructures import State
from sqlalchemy import text
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.core.db.errors import cause_of
from apps.core.http.requests import PUBLIC
from apps.core.jobs.processes import SEEN, Work, work
from project.migrations import applied_migration, newest_migration

PATIENCE = 3.0
KEPT = 1.0
"""Seconds for which a report answers everybody who asks."""
LATE_AFTER = 60.0
SPILL = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 4000) AS n ORDER BY n DESC) AS spilled"
"""More than fits into 64 kB of memory: PostgreSQL puts it on its disk, and takes it away again."""


class Report(msgspec.Struct, frozen=True):
    """Ready without `reasons`. Seconds since a worker was seen, and that the oldest due job has waited."""

    reasons: Sequence[str] = ()
    warnings: Sequence[str] = ()
    worker_seen_seconds_ago: float | None = None
    oldest_due_job_seconds: float | None = None


class Readiness:
    """`app.state.readiness`: however many ask, the database is tried once a second at most, and by one at a time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._id = uuid7()
        self._turn = asyncio.Lock()
        self._report, self._made_at = Report(), -KEPT

    async def report(self) -> Report:
        async with self._turn:
            if monotonic() - self._made_at >= KEPT:
                self._report = await self._try_database()
                self._made_at = monotonic()
        return self._report

    async def _try_database(self) -> Report:
        try:
            async with asyncio.timeout(PATIENCE):
                async with self._db.reads() as connection:
                    found = await applied_migration(connection)
                if found != newest_migration():
                    return Report([f"migrations are not applied: at {found}, needs {newest_migration()}"])
                return _report_of(await self._write())
        except Exception as error:
            return Report([f"the database does not answer, or takes no writes: {type(cause_of(error)).__name__}"])

    async def _write(self) -> Work:
        """A row that is there already needs no room on the disk; what is sorted on disk does."""
        async with self._db.transaction() as connection:
            await connection.exec_driver_sql(SEEN, (self._id, "web"))
            await connection.execute(text("SET LOCAL work_mem = '64kB'"))
            await connection.execute(text(SPILL))
            return await work(connection)


def _report_of(found: Work) -> Report:
    warnings = []
    if not found.has_worker:
        seen = "has ever been seen" if found.worker_seen is None else f"was seen for {found.worker_seen:.0f} s"
        warnings.append(f"no worker {seen}: paid orders are not delivered, mails are not sent")
    if (found.oldest_due or 0) > LATE_AFTER:
        warnings.append(f"the oldest due job has waited for {found.oldest_due:.0f} s")
    return Report((), warnings, found.worker_seen, found.oldest_due)


class HealthController(Controller):
    path = "/health"
    include_in_schema = False
    opt = PUBLIC

    @get("/live")
    async def live(self) -> dict[str, str]:
        return {"status": "live"}

    @get("/ready")
    async def ready(self, state: State) -> Response[dict[str, object]]:
        report = await state.readiness.report()
        body = {"status": "unready" if report.reasons else "ready", **msgspec.structs.asdict(report)}
        return Response(body, status_code=503 if report.reasons else 200)
