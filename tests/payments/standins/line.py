"""The line between the shop and a provider: an HTTP server on loopback that can be told to go wrong."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Asked], Awaitable[Said]]
Fault = Callable[[Asked, Handler], Awaitable[Said | bytes | None]]
"""What is answered in the provider's place: an answer, bytes as they stand after which the line is cut, or nothing."""


class Line:
    """`next` makes the next calls go wrong, one each; `always` all of them, until it is None again."""

    def __init__(self, handler: Handler, *, is_page: Callable[[str], bool] = lambda path: False) -> None:
        self._handler, self._is_page = handler, is_page
        self._next: deque[Fault] = deque()
        self._serving: set[asyncio.Task[None]] = set()
        self.always: Fault | None = None
        self.asked: list[Asked] = []
        self.connections = 0
        self.url = ""

    def next(self, *faults: Fault) -> None:
        self._next.extend(faults)

    def mend(self) -> None:
        self._next.clear()
        self.always = None
        self.asked.clear()

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator["Line"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.close()
            for each in self._serving:
                each.cancel()
            await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._serving.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while asked := await _read(reader):
                    said = await self._answer(asked)
                    if isinstance(said, Said):
                        writer.write(_bytes_of(said))
                        await writer.drain()
                        continue
                    writer.write(said or b"")
                    return
        finally:
            self._serving.discard(task)
            writer.close()

    async def _answer(self, asked: Asked) -> Said | bytes | None:
        if self._is_page(asked.path):
            return await self._handler(asked)
        self.asked.append(asked)
        fault = self._next.popleft() if self._next else self.always
        return await fault(asked, self._handler) if fault else await self._handler(asked)


async def down(asked: Asked, handler: Handler) -> None:
    """Cut before the provider hears of it."""


async def lost(asked: Asked, handler: Handler) -> None:
    """The provider has done it, and its answer gets lost."""
    await handler(asked)


async def silent(asked: Asked, handler: Handler) -> None:
    """Longer than anybody waits."""
    await asyncio.Event().wait()


async def garbage(asked: Asked, handler: Handler) -> Said:
    return Said(200, b"<html>down for maintenance</html>", {"Content-Type": "text/html"})


async def nonsense(asked: Asked, handler: Handler) -> Said:
    """JSON, and nothing that anybody knows."""
    return Said(200, b'{"object":"list","data":7}', {"Content-Type": "application/json"})


async def half(asked: Asked, handler: Handler) -> bytes:
    """The provider has done it; the line is cut in the middle of the answer."""
    whole = _bytes_of(await handler(asked))
    return whole[: -len(whole) // 4]


def status(code: int) -> Fault:
    async def fault(asked: Asked, handler: Handler) -> Said:
        return Said(code, b'{"error":{"message":"not now"}}', {"Content-Type": "application/json"})

    return fault


def meanwhile(happens: Callable[[], Awaitable[object]], *, first: bool = False) -> Fault:
    """Something happens after the provider has done it and before it answers; with `first`, before it does it."""

    async def fault(asked: Asked, handler: Handler) -> Said:
        if first:
            await happens()
            return await handler(asked)
        said = await handler(asked)
        await happens()
        return said

    return fault


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _version = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        raise ConnectionError
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Asked(method, parts.path, parts.query, headers, body)


def _bytes_of(said: Said) -> bytes:
    headers = {"Content-Length": str(len(said.body)), **said.headers}
    lines = [f"HTTP/1.1 {said.status} Told", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + said.body
