"""Answers shared by all processes through Redis, so that each is made once for all of them.

An entry is named by the last change its maker had heard of (docs/decisions/answer-cache.md says why that is safe).
Without Redis, or while it does not answer, every process makes its own.
"""

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from time import monotonic
from typing import TypeVar

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from project.answers.answer import Recorded

PATIENCE = 0.25  # seconds that a request waits for Redis
PAUSE = 5.0  # seconds in which Redis is not asked again after it failed
Value = TypeVar("Value")
log = structlog.get_logger(__name__)


class SharedAnswers:
    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._silent_until = 0.0

    async def read(self, generation: str, key: str) -> tuple[Recorded, float] | None:
        """The answer, and for how many seconds it may still be given."""
        name = _name(generation, key)
        asked = self._redis.pipeline(transaction=False)
        asked.get(name)
        asked.pttl(name)
        body, milliseconds = await self._tried(asked.execute) or (None, 0)
        if not body or milliseconds <= 0:
            return None
        try:
            return msgspec.msgpack.decode(body, type=Recorded), milliseconds / 1000
        except msgspec.MsgspecError:
            return None

    async def write(self, generation: str, key: str, recorded: Recorded, seconds: float) -> None:
        entry = (_name(generation, key), msgspec.msgpack.encode(recorded))
        await self._tried(lambda: self._redis.set(*entry, px=max(1, int(seconds * 1000))))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _tried(self, command: Callable[[], Awaitable[Value]]) -> Value | None:
        """None when Redis fails, and for some seconds after."""
        if monotonic() < self._silent_until:
            return None
        try:
            return await command()
        except (RedisError, OSError) as error:
            self._silent_until = monotonic() + PAUSE
            log.warning("answers.redis_failed", reason=repr(error))
            return None


def _name(generation: str, key: str) -> bytes:
    return b"answer:" + blake2b(f"{generation}\0{key}".encode(), digest_size=16).hexdigest().encode()
