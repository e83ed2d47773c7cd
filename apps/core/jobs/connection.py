"""The worker's own connection to PostgreSQL, which comes back by itself whenever it is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Self, TypeVar

import asyncpg
import structlog
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import Driver, NotifyCallback
from sqlalchemy import make_url

from apps.core.db.errors import is_away

CONNECT_TIMEOUT = 3.0
STATEMENT_TIMEOUT = 10.0
"""Seconds; the queue's statements take milliseconds. A session that hangs longer is given up."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
Result = TypeVar("Result")
log = structlog.get_logger(__name__)


class WorkerConnection(Driver):
    """What pgqueuer asks of a database, one statement after the other.

    While the database is away, full or hangs, statements wait, and run again when it is back; pgqueuer, whose managers
    end with their connection, notices nothing. All its statements may run twice: a job that is picked and not heard of
    is picked again. Once `stop` is set nothing waits any more: the error is raised.
    """

    def __init__(self, url: str, *, stop: asyncio.Event) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._stop = stop
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        self._listeners: list[tuple[str, NotifyCallback]] = []
        self._away_since: float | None = None

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await self._answered(lambda connection: connection.fetch(query, *args))]

    async def execute(self, query: str, *args: object) -> str:
        return await self._answered(lambda connection: connection.execute(query, *args))

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        self._listeners.append((channel, callback))
        await self._answered(lambda connection: _listen(connection, channel, callback))

    @property
    def shutdown(self) -> asyncio.Event:
        return self._stop

    @property
    def tm(self) -> TaskManager:
        return TaskManager()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Each of pgqueuer's managers leaves by itself; the connection is closed by who made it."""

    async def close(self) -> None:
        if self._connection:
            with suppress(Exception):
                await self._connection.close(timeout=CONNECT_TIMEOUT)
        self._drop()

    async def _answered(self, statement: Callable[[asyncpg.Connection], Awaitable[Result]]) -> Result:
        pause = SHORTEST_PAUSE
        async with self._turn:
            while True:
                try:
                    answer = await statement(self._connection or await self._connect())
                except Exception as error:
                    if not self._is_gone(error) or self._stop.is_set():
                        raise
                    self._lose(error)
                else:
                    self._note_return()
                    return answer
                await self._wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._url,
            timeout=CONNECT_TIMEOUT,
            command_timeout=STATEMENT_TIMEOUT,
            server_settings={"application_name": "backline-worker"},
        )
        self._connection = connection
        for channel, callback in self._listeners:
            await _listen(connection, channel, callback)
        return connection

    def _is_gone(self, error: Exception) -> bool:
        """OSError covers timeouts; asyncpg's InterfaceError may also be a mistake of ours."""
        is_closed = self._connection is not None and self._connection.is_closed()
        return is_closed or isinstance(error, OSError) or is_away(error)

    def _lose(self, error: Exception) -> None:
        if self._away_since is None:
            self._away_since = monotonic()
            log.warning("worker.database_away", reason=repr(error))
        self._drop()

    def _drop(self) -> None:
        if self._connection:
            self._connection.terminate()
        self._connection = None

    def _note_return(self) -> None:
        if self._away_since is not None:
            log.warning("worker.database_is_back", seconds=round(monotonic() - self._away_since, 1))
        self._away_since = None

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


async def _listen(connection: asyncpg.Connection, channel: str, callback: NotifyCallback) -> None:
    def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        callback(str(payload))

    await connection.add_listener(channel, hear)
