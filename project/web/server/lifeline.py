"""A web process's side of its supervisor: the sockets it inherits, its beats, and its end when the supervisor ends."""

import os
import signal
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from project.settings import settings
from project.web.server.bounds import bounds_from
from project.web.server.web_server import DRAINING, WebServer

if TYPE_CHECKING:
    from litestar.types import ASGIApp

PATIENCE = 2 * DRAINING + 5
"""Seconds that the end may take: requests first, then the worker's jobs."""


def serve_inherited(app: "ASGIApp", inherited: Sequence[str]) -> None:
    """`inherited`: the descriptors of the lifeline and of the listening sockets."""
    lifeline, *listening = (socket.socket(fileno=int(each)) for each in inherited)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # meant for the supervisor
    threading.Thread(target=end_with, args=(lifeline,), daemon=True).start()

    async def beat() -> None:
        with suppress(OSError):
            lifeline.send(b".", socket.MSG_DONTWAIT)

    with suppress(KeyboardInterrupt):
        WebServer(app, bounds_from(settings), beat=beat).run(listening)


def end_with(lifeline: socket.socket) -> None:
    """The supervisor never says anything; its end closes when it dies, however it dies."""
    with suppress(OSError):
        lifeline.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
