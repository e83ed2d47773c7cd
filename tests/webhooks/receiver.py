"""Another program that hears our webhooks, on this machine: it answers as a test wants, and notes what came."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Call:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)

    def verified_by(self, secret: str) -> dict[str, Any]:
        """By the library that receivers use. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass
class Receiver:
    """`answer` is what comes next and from then on; `answers` come before it, one each."""

    port: int = 0
    answer: Answer = b""
    answers: list[Answer] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    @property
    def types(self) -> list[str]:
        return [call.told["type"] for call in self.calls]

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.calls.append(await read_call(reader))
            answer = self.answers.pop(0) if self.answers else self.answer
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        self.under_way -= 1
        writer.close()


async def read_call(reader: asyncio.StreamReader) -> Call:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Call(first.split()[1], headers, await reader.readexactly(int(headers["content-length"])))


def status(code: int, body: bytes = b"", **headers: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {code} So\r\n{lines}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def after(pause: float, answer: bytes) -> Answer:
    async def write(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(pause)
        writer.write(answer)
        await writer.drain()

    return write


def endless(prefix: bytes) -> Answer:
    """A body that goes on for as long as anybody reads."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + prefix)
        while True:
            writer.write(b"x" * 1024)
            await writer.drain()

    return write


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver(answer=status(204))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
