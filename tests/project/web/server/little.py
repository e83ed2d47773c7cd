"""A small app behind the web server: what is tested is the server."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from project.web.server.bounds import Bounds
from project.web.server.lifeline import serve_inherited
from project.web.server.sockets import listening_sockets
from project.web.server.supervisor import become_supervisor
from project.web.server.web_server import WebServer

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

LARGE = 32 * 1024 * 1024
"""More than the kernel takes in for a client who does not read."""
UNWILLING = "UNWILLING"
"""Names a file: while it exists no process starts, and each that would have writes there."""


async def little(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Answers with what it was asked; /pid with its process, /slow after a while, /unread before its body has come.

    /large answers more than one can swallow. The header `pid` of each answer names its process.
    """
    if scope["type"] != "http":
        await lifespan(receive, send)
        return
    path = scope["path"]
    body = b"" if path == "/unread" else await whole_body(receive)
    if path == "/slow":
        await asyncio.sleep(1)
    pid = str(os.getpid()).encode()
    said = {"/pid": pid, "/large": bytes(LARGE)}.get(path, path.encode() + b" " + body)
    headers = [(b"content-length", str(len(said)).encode()), (b"pid", pid)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said, "more_body": False})


async def lifespan(receive: "Receive", send: "Send") -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def whole_body(receive: "Receive") -> bytes:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    return body


class LittleServer:
    """A server in this process, and the port it listens on."""

    def __init__(self, bounds: Bounds) -> None:
        self.server = WebServer(little, bounds)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)


@asynccontextmanager
async def serving(bounds: Bounds) -> AsyncIterator[LittleServer]:
    made = LittleServer(bounds)
    made.server.config.load()
    made.server.lifespan = made.server.config.lifespan_class(made.server.config)
    await made.server.startup([made.listening])
    try:
        yield made
    finally:
        await made.server.shutdown([made.listening])


def start(inherited: list[str]) -> None:
    unwilling = Path(os.environ[UNWILLING])
    if unwilling.exists():
        unwilling.write_text("not now")
        sys.exit(1)
    serve_inherited(little, inherited)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["supervise", port, processes]:
            command = [sys.executable, "-m", "tests.project.web.server.little", "process"]
            become_supervisor(command, listening_sockets("127.0.0.1", int(port)), processes=int(processes))
        case ["process", *inherited]:
            start(inherited)
