"""The crowd: keep-alive connections that each send the next request as soon as the last one is answered.

A process of its own, on raw sockets, so that it is not what is measured: `python -m benchmarks.load` reads a Run from
stdin and writes a Figure to stdout. "{number}" in path, headers and body becomes another ten-digit number each time.
"""

import asyncio
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter
from typing import cast

import msgspec
import uvloop

NUMBER = b"{number}"
PATIENCE = 60  # seconds for the last answers
ACCEPTED = 0.3  # seconds; a server that is kept busy accepts one connection a turn, and starves those who come late


class Given(msgspec.Struct, array_like=True):
    """One request of many that were prepared."""

    path: str
    headers: dict[str, str]
    body: str


class Run(msgspec.Struct, kw_only=True):
    """Seconds are measured after `warm_up`, or until all is answered; no more than `most` requests are sent.

    `first` is the first number; with `among`, numbers are 1 to that, again and again. `given` are sent instead, each
    once. With a `rate`, so many a second are sent, and latencies count from when each was due, sent late or not.
    """

    port: int
    path: str
    clients: int
    seconds: float
    method: str = "POST"
    headers: dict[str, str] = {}
    body: str = ""
    warm_up: float = 0.5
    most: int = 1_000_000
    first: int = 0
    among: int = 0
    given: list[Given] = []
    rate: float = 0


class Figure(msgspec.Struct):
    """Answers per second and latencies in ms of the measured time; `statuses` counts all answers, the warm-up's too."""

    per_second: float
    p50: float
    p95: float
    p99: float
    statuses: dict[int, int]


class Crowd:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.requests = prepared(run) if run.given else numbered(message(run), run)
        self.sent = 0
        self.statuses: Counter[int] = Counter()
        self.latencies = array("d")
        self.measuring = False
        self.open = run.clients
        self.left = asyncio.Event()

    async def rush(self) -> Figure:
        loop = asyncio.get_running_loop()
        clients = [
            (await loop.create_connection(lambda: Client(self), "127.0.0.1", self.run.port))[1]
            for _ in range(self.run.clients)
        ]
        await asyncio.sleep(ACCEPTED)
        self.began = perf_counter()
        for client in clients:
            client.send()
        await asyncio.sleep(self.run.warm_up)
        self.measuring, started = True, perf_counter()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.left.wait(), self.run.seconds)
        self.measuring, seconds = False, perf_counter() - started
        self.requests = iter(())
        await asyncio.wait_for(self.left.wait(), PATIENCE)
        return self.figure(seconds)

    def figure(self, seconds: float) -> Figure:
        ranked = sorted(self.latencies) or [0.0]
        p50, p95, p99 = (ranked[int(len(ranked) * part)] * 1000 for part in (0.5, 0.95, 0.99))
        return Figure(len(self.latencies) / seconds, p50, p95, p99, dict(self.statuses))

    def due(self) -> float:
        """When the next request is."""
        self.sent += 1
        return self.began + self.sent / self.run.rate if self.run.rate else perf_counter()

    def answered(self, status: int, sent_at: float) -> None:
        self.statuses[status] += 1
        if self.measuring:
            self.latencies.append(perf_counter() - sent_at)

    def leave(self) -> None:
        self.open -= 1
        if not self.open:
            self.left.set()


class Client(asyncio.Protocol):
    """One connection; answers must carry Content-Length."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self) -> None:
        request = next(self.crowd.requests, None)
        if request is None:
            self.transport.close()
            return
        self.sent_at = self.crowd.due()
        if (early := self.sent_at - perf_counter()) > 0:
            asyncio.get_running_loop().call_later(early, self.transport.write, request)
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if head < 0 or len(self.received) < head + 4 + content_length(self.received):
            return
        self.crowd.answered(int(self.received[9:12]), self.sent_at)
        self.received = b""
        self.send()

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.leave()


def content_length(answer: bytes) -> int:
    head = answer[: answer.index(b"\r\n\r\n")].lower()
    at = head.index(b"content-length: ") + 16
    return int(head[at:].partition(b"\r")[0])


def message(run: Run) -> bytes:
    """The request in HTTP/1.1, numbers still to be filled in."""
    length = len(run.body.encode().replace(NUMBER, b"0" * 10))
    headers = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(length), **run.headers}
    lines = [f"{run.method} {run.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", run.body]).encode()


def prepared(run: Run) -> Iterator[bytes]:
    """Made before anything is measured."""
    each = (msgspec.structs.replace(run, path=one.path, headers=one.headers, body=one.body) for one in run.given)
    return iter([message(one) for one in each])


def numbered(text: bytes, run: Run) -> Iterator[bytes]:
    parts = text.split(NUMBER)
    for number in range(run.first, run.first + run.most):
        yield (b"%010d" % (number % run.among + 1 if run.among else number)).join(parts)


if __name__ == "__main__":
    run = msgspec.json.decode(sys.stdin.buffer.read(), type=Run)
    figure = uvloop.run(Crowd(run).rush())
    sys.stdout.buffer.write(msgspec.json.encode(figure))
