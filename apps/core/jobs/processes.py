"""Which processes live: each writes now and then that it was seen. And how the workers keep up with the queue."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

SEEN = """
INSERT INTO process (id, kind, seen_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
"""
SILENT_AFTER = 30.0
"""Seconds after which a worker that was not seen counts as gone; it writes every five."""
_WORK = text("""
SELECT
    extract(epoch FROM clock_timestamp() - (SELECT max(seen_at) FROM process WHERE kind = 'worker'))::float8,
    extract(epoch FROM clock_timestamp() - (
        SELECT min(execute_after) FROM pgqueuer WHERE status = 'queued' AND execute_after <= now()
    ))::float8
""")


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds since any worker was seen (None: never), and since the oldest due job was due (None: none is)."""

    worker_seen: float | None
    oldest_due: float | None

    @property
    def has_worker(self) -> bool:
        return self.worker_seen is not None and self.worker_seen < SILENT_AFTER


async def work(connection: AsyncConnection | AsyncSession) -> Work:
    return Work(*(await connection.execute(_WORK)).one())
