"""Another site with pictures, on this machine: it answers with whatever a test wants, and notes what was asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 64 * 1024
Answer = bytes | Callable[[asyncio.StreamWriter], object]


@dataclass
class Elsewhere:
    """`answers` by path; `asked` are the heads of the requests that came."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [head.split()[1] for head in self.asked]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            answer = self.answers.get(head.split()[1], status(404))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)  # type: ignore[misc]
        writer.close()


@asynccontextmanager
async def site_elsewhere() -> AsyncIterator[Elsewhere]:
    site = Elsewhere(port=0)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()


def file(data: bytes, *, kind: str = "image/jpeg") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return head.encode() + data


def status(code: int, **headers: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {code} So\r\n{lines}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


def endless(prefix: bytes) -> Answer:
    """A body that goes on for as long as anybody reads."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + prefix)
        while True:
            writer.write(bytes(CHUNK))
            await writer.drain()

    return write


def silent(released: asyncio.Event) -> Answer:
    """Says nothing until it is released."""

    async def write(writer: asyncio.StreamWriter) -> None:
        await released.wait()

    return write
