"""Hears of changes in the database (NOTIFY, from the triggers of the migrations) and drops what was kept."""

import asyncio
import secrets
from contextlib import suppress

import asyncpg
import structlog
from sqlalchemy import make_url

from project.web.response_cache.cache import ResponseCache

CHANNEL = "catalogue"
WINDOW = 0.2  # seconds; under a hot sale there is one drop in each
PULSE = 2.0  # seconds between two questions whether the connection still lives
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
log = structlog.get_logger(__name__)


class Changes:
    """One direct connection of this process, made again whenever it is lost.

    When it stands, it sends a notification itself: the cache begins to keep when that comes back, so never behind a
    pooler that swallows notifications; and as everybody hears it, all processes then name the same last change.
    """

    def __init__(self, url: str, cache: ResponseCache) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._cache = cache
        self._latest: str | None = None
        self._window: asyncio.TimerHandle | None = None
        self._listening = False

    async def listen(self) -> None:
        """Until cancelled."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                await self._listen_once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # a timeout is an OSError
                log.warning("answers.changes_not_heard", reason=repr(error))
            finally:
                pause = SHORTEST_PAUSE if self._latest else min(2 * pause, LONGEST_PAUSE)
                self._lose()
            await asyncio.sleep(pause)

    async def _listen_once(self) -> None:
        settings = {"application_name": "backline-answers"}
        connection = await asyncpg.connect(self._url, timeout=5, command_timeout=PULSE, server_settings=settings)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        self._listening = True
        try:
            await connection.add_listener(CHANNEL, self._hear)
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, secrets.token_hex(8))
            while not lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), PULSE)
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _hear(self, connection: object, pid: int, channel: str, payload: object) -> None:
        """The first change drops at once, those that follow closely together."""
        if not self._listening:
            return
        self._latest = str(payload)
        if self._window is None:
            self._drop()

    def _drop(self) -> None:
        self._cache.drop(self._latest)
        self._window = asyncio.get_running_loop().call_later(WINDOW, self._end_window)

    def _end_window(self) -> None:
        self._window = None
        if self._latest != self._cache.generation:
            self._drop()

    def _lose(self) -> None:
        if self._window:
            self._window.cancel()
        self._latest = self._window = None
        self._listening = False
        self._cache.drop(None)
