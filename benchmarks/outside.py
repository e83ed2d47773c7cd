"""The world outside, in a process of its own: a payment provider that answers at once, a mail server that takes all.

`python -m benchmarks.outside PROVIDER_PORT MAIL_PORT`
"""

import asyncio
import re
import sys
from typing import cast

import msgspec
import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
END_OF_LETTER = b"\r\n.\r\n"


class Provider(asyncio.Protocol):
    """The demo provider's API, as far as it opens pages to pay at."""

    received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not found or len(body) < (int(length[1]) if length else 0):
            return
        self.received = b""
        asked = msgspec.json.decode(body)
        kept = {name: asked[name] for name in ("id", "amount", "currency")}
        answer = msgspec.json.encode({**kept, "state": "open", "url": f"http://127.0.0.1/pay/{asked['id']}"})
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
        )


class MailServer(asyncio.Protocol):
    """RFC 5321, as far as a client that behaves needs it."""

    received = b""
    is_letter = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := END_OF_LETTER if self.is_letter else b"\r\n") in self.received:
            said, _, self.received = self.received.partition(end)
            self.transport.write(self._answer(said[:4].upper()))

    def _answer(self, verb: bytes) -> bytes:
        if self.is_letter:
            self.is_letter = False
            return b"250 kept\r\n"
        self.is_letter = verb == b"DATA"
        return b"354 go on\r\n" if self.is_letter else b"221 bye\r\n" if verb == b"QUIT" else b"250 bench\r\n"


async def serve(provider_port: int, mail_port: int) -> None:
    loop = asyncio.get_running_loop()
    provider = await loop.create_server(Provider, "127.0.0.1", provider_port)
    mail = await loop.create_server(MailServer, "127.0.0.1", mail_port)
    await asyncio.gather(provider.serve_forever(), mail.serve_forever())


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
