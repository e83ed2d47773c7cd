"""Who is signed in, kept in Redis or Valkey for some seconds where REDIS_URL is set: PostgreSQL is the truth.

Every entry carries the generation that it was read in. Whatever changes what a session is worth (its end, a proof, a
user, a role) begins a new generation before its answer is sent, and all entries of before are worth nothing. Should
that fail, they are forgotten after KEPT. Without Redis, everybody is looked up in PostgreSQL, and nobody is signed out.
"""

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
    """`key` names a session as it is looked up: by ids, or by the hash of a cookie."""

    def __init__(self, url: str) -> None:
        self._redis = FallibleRedis(url)

    async def find(self, key: str) -> tuple[CurrentUser | None, str | None]:
        """Who is known by this key, and the generation of now: None while Redis does not answer."""
        found = await self._redis.tried(lambda: self._redis.client.mget(GENERATION, _name(key)))
        if found is None:
            return None, None
        generation, raw = str(int(found[0] or 0)), found[1]
        entry = msgspec.json.decode(raw, type=Entry) if raw else None
        return (entry.current_user if entry and entry.generation == generation else None), generation

    async def keep(self, key: str, current_user: CurrentUser, generation: str) -> None:
        """Read from PostgreSQL after `generation` was."""
        entry = msgspec.json.encode(Entry(generation, current_user))
        await self._redis.tried(lambda: self._redis.client.set(_name(key), entry, ex=KEPT))

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
