"""A Redis that others can do without: asked with little patience, and for some seconds not at all once it failed."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PATIENCE = 0.25  # seconds that a request waits for Redis
AT_ONCE = 8  # commands; the rest of a crowd waits here, where waiting uses up nobody's patience
PAUSE = 5.0  # seconds in which Redis is not asked again after it failed
Value = TypeVar("Value")
log = structlog.get_logger(__name__)


class FallibleRedis:
    def __init__(self, url: str) -> None:
        self.client = Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._silent_until = 0.0

    async def tried(self, command: Callable[[], Awaitable[Value]]) -> Value | None:
        """None when Redis fails, and for some seconds after."""
        async with self._turns:
            if monotonic() < self._silent_until:
                return None
            try:
                return await command()
            except (RedisError, OSError) as error:
                self._silent_until = monotonic() + PAUSE
                log.warning("redis.failed", reason=repr(error))
                return None

    async def close(self) -> None:
        await self.client.aclose()
