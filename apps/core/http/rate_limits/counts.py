"""Where hits are counted: PostgreSQL, or with REDIS_URL Redis. Windows are fixed, by the clock of who counts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.batching import Batcher
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.fallible_redis import FallibleRedis
from apps.core.http.rate_limits.limit import Count, Counts, Limits
from project.settings import settings

COUNT = text(
    """
    INSERT INTO rate_count AS kept (key, hits, window_ends_at)
    SELECT key, hits, statement_timestamp() + make_interval(secs => seconds)
    FROM unnest(CAST(:keys AS uuid[]), CAST(:hits AS int[]), CAST(:seconds AS float8[])) AS new (key, hits, seconds)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN kept.window_ends_at <= statement_timestamp() THEN 0 ELSE kept.hits END + excluded.hits,
        window_ends_at = CASE WHEN kept.window_ends_at <= statement_timestamp()
                              THEN excluded.window_ends_at ELSE kept.window_ends_at END
    RETURNING key, hits, CAST(extract(epoch FROM window_ends_at - statement_timestamp()) AS float8)
    """
)
COUNT_IN_REDIS = """
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {hits, redis.call('PTTL', KEYS[1])}
"""


def open_limits(db: Database) -> Limits:
    if settings.rate_limits == "off":
        return Limits(None)
    counts = DatabaseCounts(db)
    return Limits(RedisCounts(settings.redis_url, otherwise=counts) if settings.redis_url else counts)


@dataclass(frozen=True, slots=True)
class Hit:
    id: UUID
    window: timedelta


class DatabaseCounts:
    """All hits that wait in this process are one statement over an unlogged table."""

    def __init__(self, db: Database) -> None:
        self._waiting: Batcher[Hit, Count] = Batcher(db.statements, count_hits)

    async def count(self, id: UUID, window: timedelta) -> Count:
        return await self._waiting.submit(Hit(id, window))

    async def close(self) -> None:
        """The database is closed by who opened it."""


async def count_hits(connection: AsyncConnection, hits: Sequence[Hit]) -> Sequence[Count | AppError]:
    """Each hit its own number: of three on a key that stood at 7 the counts are 8, 9 and 10."""
    new = Counter(hit.id for hit in hits)
    windows = {hit.id: hit.window.total_seconds() for hit in hits}
    values = {"keys": list(new), "hits": list(new.values()), "seconds": [windows[id] for id in new]}
    rows = {key: (total, seconds) for key, total, seconds in await connection.execute(COUNT, values)}
    numbers = {id: iter(range(rows[id][0] - new[id] + 1, rows[id][0] + 1)) for id in new}
    return [_numbered(numbers[hit.id], rows[hit.id][1]) for hit in hits]


def _numbered(numbers: Iterator[int], seconds: float) -> Count:
    return Count(next(numbers), seconds)


class RedisCounts:
    """While Redis does not answer, `otherwise` counts: a limit that counts anew is better than a shop that is shut."""

    def __init__(self, url: str, *, otherwise: Counts) -> None:
        self._redis = FallibleRedis(url)
        self._script = self._redis.client.register_script(COUNT_IN_REDIS)
        self._otherwise = otherwise

    async def count(self, id: UUID, window: timedelta) -> Count:
        milliseconds = window // timedelta(milliseconds=1)
        counted = await self._redis.tried(lambda: self._script(keys=[f"rate:{id.hex}"], args=[milliseconds]))
        if counted is None:
            return await self._otherwise.count(id, window)
        hits, left = counted
        return Count(hits, left / 1000)

    async def close(self) -> None:
        await self._redis.close()
