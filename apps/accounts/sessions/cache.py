"""Who is signed in, kept in Redis or Valkey for some seconds where REDIS_URL is set: PostgreSQL is the truth.

Every entry carries the generation that it was read in. Whatever changes what a session is worth (its end, a proof, a
user, a role) begins a new generation before its answer is sent, and all entries of before are worth nothing. Should
that fail, they are forgotten after KEPT. Without Redis, everybody is looked up in PostgreSQL, and nobody is signed out.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.core.db.database import after_commit
from apps.core.fallible_redis import FallibleRedis
from project.settings import settings

KEPT = timedelta(seconds=5)
GENERATION = "sessions:generation"


class Entry(msgspec.Struct):
    generation: str
    current_user: CurrentUser


class SessionCache:
    """`keys` name sessions as they are looked up: by id, or by the hash of a cookie."""

    def __init__(self, url: str) -> None:
        self._redis = FallibleRedis(url)

    async def find(self, keys: Sequence[str]) -> tuple[Mapping[str, CurrentUser], str | None]:
        """Who is known by these keys, and the generation of now: None while Redis does not answer."""
        found = await self._redis.tried(lambda: self._redis.client.mget(GENERATION, *map(_name, keys)))
        if found is None:
            return {}, None
        generation = str(int(found[0] or 0))
        entries = {key: msgspec.json.decode(raw, type=Entry) for key, raw in zip(keys, found[1:], strict=True) if raw}
        return {key: each.current_user for key, each in entries.items() if each.generation == generation}, generation

    async def keep(self, people: Mapping[str, CurrentUser], generation: str) -> None:
        """Read from PostgreSQL after `generation` was."""
        pipeline = self._redis.client.pipeline(transaction=False)
        for key, current_user in people.items():
            pipeline.set(_name(key), msgspec.json.encode(Entry(generation, current_user)), ex=KEPT)
        await self._redis.tried(pipeline.execute)

    async def close(self) -> None:
        await self._redis.close()


def open_session_cache() -> SessionCache | None:
    return SessionCache(settings.redis_url) if settings.redis_url else None


def forget_cached(session: AsyncSession) -> None:
    """What is being changed here changes what sessions are worth, on every process, once it is committed."""
    if settings.redis_url:
        after_commit(session, _begin_generation)


async def _begin_generation() -> None:
    redis = FallibleRedis(settings.redis_url)
    await redis.tried(lambda: redis.client.incr(GENERATION))
    await redis.close()


def _name(key: str) -> str:
    return f"session:{key}"
