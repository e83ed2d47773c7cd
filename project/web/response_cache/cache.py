"""Whole answers in this process's memory, for as long as nothing has changed in the database."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic

from project.web.response_cache.cached_response import CachedResponse
from project.web.response_cache.negotiation import Wanted
from project.web.response_cache.shared import SharedResponses

LONGEST = 5.0  # seconds; sale windows open and concerts begin without any change in the database
LARGEST_SHARE = 8  # one answer may take this part of the memory

Make = Callable[[], Awaitable[CachedResponse]]


class ResponseCache:
    """`generation` names the last change that is known of. Without one, changes are not heard: nothing is kept.

    An answer belongs to the generation in which its making began, so one that a change overtook is never kept.
    """

    def __init__(self, *, bytes_at_most: int, shared: SharedResponses | None = None) -> None:
        self.generation: str | None = None
        self._bytes_at_most = bytes_at_most
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[CachedResponse, float]] = OrderedDict()
        self._flights: dict[tuple[str, str], asyncio.Task[CachedResponse]] = {}
        self._shared = shared

    def drop(self, generation: str | None) -> None:
        """Forget everything: something changed, or (None) changes are no longer heard."""
        self.generation = generation
        self._kept.clear()
        self._bytes = 0

    async def get(self, asked: Wanted, make: Make) -> CachedResponse:
        """What is kept under `asked.key`, else a new answer; for all who wait for the same it is made once."""
        if self.generation is None:
            return await make()
        answer, until = self._kept.get(asked.key, (None, 0.0))
        if answer is None or until < monotonic():
            return await self._join(self.generation, asked, make)
        self._kept.move_to_end(asked.key)
        return answer

    async def _join(self, generation: str, asked: Wanted, make: Make) -> CachedResponse:
        flight = (generation, asked.key)
        if running := self._flights.get(flight):
            answer = await asyncio.shield(running)
            return answer if answer.is_public else await make()
        task = asyncio.create_task(self._fill(generation, asked, make))
        self._flights[flight] = task
        task.add_done_callback(lambda _: self._flights.pop(flight))
        return await asyncio.shield(task)

    async def _fill(self, generation: str, asked: Wanted, make: Make) -> CachedResponse:
        if self._shared and (found := await self._shared.read(generation, asked.key)):
            recorded, seconds = found
            return self._keep(generation, asked.key, CachedResponse(recorded, asked.locale), seconds)
        until = monotonic() + LONGEST
        answer = await make()
        if self._shared and answer.is_public:
            await self._shared.write(generation, asked.key, answer.recorded, until - monotonic())
        return self._keep(generation, asked.key, answer, until - monotonic())

    def _keep(self, generation: str, key: str, answer: CachedResponse, seconds: float) -> CachedResponse:
        size = answer.size + len(key)
        if generation == self.generation and answer.is_public and size * LARGEST_SHARE <= self._bytes_at_most:
            self._forget(key)
            self._kept[key] = (answer, monotonic() + seconds)
            self._bytes += size
            while self._bytes > self._bytes_at_most:
                self._forget(next(iter(self._kept)))
        return answer

    def _forget(self, key: str) -> None:
        if kept := self._kept.pop(key, None):
            self._bytes -= kept[0].size + len(key)

    async def close(self) -> None:
        if self._shared:
            await self._shared.close()
