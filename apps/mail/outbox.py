"""One letter of a process at a time goes to the mail server: what a killed process may have sent twice is that one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from weakref import WeakKeyDictionary

from apps.mail.transports import Transport, transport
from project.settings import settings


class Outbox:
    """Letters that follow one another share a connection; after the last it is closed."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._in_line = 0
        self._open: Transport | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Transport]:
        self._in_line += 1
        try:
            async with self._turn:
                self._open = self._open or transport(settings.mail_url)
                try:
                    yield self._open
                except BaseException:
                    await self._close()
                    raise
                if self._in_line == 1:
                    await self._close()
        finally:
            self._in_line -= 1

    async def _close(self) -> None:
        closing, self._open = self._open, None
        if closing:
            with suppress(Exception):  # who said goodbye badly has taken the letters all the same
                await closing.close()


_OUTBOXES: WeakKeyDictionary[asyncio.AbstractEventLoop, Outbox] = WeakKeyDictionary()


def outbox() -> Outbox:
    """That of this process."""
    return _OUTBOXES.setdefault(asyncio.get_running_loop(), Outbox())
