"""A queue that networks share: it serves them in turn, so that a crowd from one keeps nobody else out."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from apps.core.errors import Busy
from apps.core.security.networks import asking_network

Result = TypeVar("Result")


@dataclass(slots=True)
class Waiting:
    work: Callable[[], Any]
    future: Future[Any]


class FairQueue:
    """`at_once` threads work for at most `most` who wait or are served, of whom `most_of_one` come from one network."""

    def __init__(self, *, at_once: int, most: int, most_of_one: int) -> None:
        self.at_once, self.most, self.most_of_one = at_once, most, most_of_one
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix="passwords")
        self.waiting: OrderedDict[bytes, deque[Waiting]] = OrderedDict()
        """By network; whose turn is next stands first."""
        self._places: Counter[bytes] = Counter()
        self._lock = Lock()

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """For the network of the request. Raises Busy."""
        job = Waiting(partial(work, *arguments), Future())
        with self._lock:
            self._join(asking_network.get(), job)
        self.threads.submit(self._serve)
        result: Result = await asyncio.wrap_future(job.future)
        return result

    def _join(self, network: bytes, job: Waiting) -> None:
        if self._places[network] >= self.most_of_one:
            raise Busy
        if self._places.total() >= self.most:
            self._make_room(network)
        self._places[network] += 1
        self.waiting.setdefault(network, deque()).append(job)

    def _make_room(self, network: bytes) -> None:
        """The last of the network with the most who wait comes again, if it is ahead of `network`. Raises Busy."""
        longest = max(self.waiting, key=lambda each: len(self.waiting[each]))
        if len(self.waiting[longest]) <= self._places[network] + 1:
            raise Busy
        turned_away = self.waiting[longest].pop()
        self._leave(longest)
        if turned_away.future.set_running_or_notify_cancel():
            turned_away.future.set_exception(Busy())

    def _leave(self, network: bytes) -> None:
        self._places[network] -= 1
        if not self._places[network]:
            del self._places[network]

    def _serve(self) -> None:
        """Whoever is next; nobody, where one was turned away."""
        with self._lock:
            if not self.waiting:
                return
            network, jobs = self.waiting.popitem(last=False)
            job = jobs.popleft()
            if jobs:
                self.waiting[network] = jobs
        try:
            if job.future.set_running_or_notify_cancel():
                _finish(job)
        finally:
            with self._lock:
                self._leave(network)


def _finish(job: Waiting) -> None:
    try:
        job.future.set_result(job.work())
    except BaseException as error:
        job.future.set_exception(error)
