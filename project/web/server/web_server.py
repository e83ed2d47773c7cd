"""uvicorn, as everything of ours runs it: the app, the tests and the benchmarks."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from project.settings import settings
from project.web.server.bounds import Bounds
from project.web.server.gate import Gate
from project.web.server.protocol import BoundedProtocol

if TYPE_CHECKING:
    from litestar.types import ASGIApp

DRAINING = 10
"""Seconds that requests under way may still take when the process ends."""
BETWEEN_CHECKS = 0.25


class WebServer(uvicorn.Server):
    """`beat` is called every second while the event loop turns, first when requests are being answered."""

    def __init__(self, app: "ASGIApp", bounds: Bounds, *, beat: Callable[[], Awaitable[None]] | None = None) -> None:
        self.gate = Gate(bounds)
        super().__init__(
            uvicorn.Config(
                cast(Any, app),
                http=cast(Any, partial(BoundedProtocol, gate=self.gate)),
                interface="asgi3",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=settings.trusted_proxies.split(),
                timeout_keep_alive=cast(int, bounds.keep_alive_seconds),
                timeout_graceful_shutdown=DRAINING,
                timeout_notify=1,
                callback_notify=beat,
            )
        )
        self._checking: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._checking = asyncio.create_task(self._check())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self.stop_checking()

    async def stop_checking(self) -> None:
        if self._checking:
            self._checking.cancel()
            with suppress(asyncio.CancelledError):
                await self._checking

    async def _check(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(BETWEEN_CHECKS)
            await asyncio.sleep(0)  # what came while we were busy is read first
            now = loop.time()
            for connection in list(self.server_state.connections):
                cast(BoundedProtocol, connection).check(now)
            self.gate.tell()
