"""Answers shared by all processes through Redis, so that each is made once for all of them.

An entry is named by the last change its maker had heard of (docs/decisions/response-cache.md says why that is safe).
Without Redis, or while it does not answer, every process makes its own.
"""

from hashlib import blake2b

import msgspec

from apps.core.fallible_redis import FallibleRedis
from project.web.response_cache.cached_response import Recorded


class SharedResponses:
    def __init__(self, url: str) -> None:
        self._redis = FallibleRedis(url)

    async def read(self, generation: str, key: str) -> tuple[Recorded, float] | None:
        """The answer, and for how many seconds it may still be given."""
        name = _name(generation, key)
        asked = self._redis.client.pipeline(transaction=False)
        asked.get(name)
        asked.pttl(name)
        body, milliseconds = await self._redis.tried(asked.execute) or (None, 0)
        if not body or milliseconds <= 0:
            return None
        try:
            return msgspec.msgpack.decode(body, type=Recorded), milliseconds / 1000
        except msgspec.MsgspecError:
            return None

    async def write(self, generation: str, key: str, recorded: Recorded, seconds: float) -> None:
        entry = (_name(generation, key), msgspec.msgpack.encode(recorded))
        await self._redis.tried(lambda: self._redis.client.set(*entry, px=max(1, int(seconds * 1000))))

    async def close(self) -> None:
        await self._redis.close()


def _name(generation: str, key: str) -> bytes:
    return b"answer:" + blake2b(f"{generation}\0{key}".encode(), digest_size=16).hexdigest().encode()
