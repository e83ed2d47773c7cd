"""Group commit: requests that wait while one transaction runs are the next transaction.

Under load a hundred buyers share one lock and one commit; alone, a buyer is a batch of one, through the same code.
Why, and against what: docs/decisions/group-commit.md.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import Generic, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.errors import AppError
from apps.core.i18n import lazy as _

Command = TypeVar("Command")
Outcome = TypeVar("Outcome")
LARGEST_BATCH = 256
LONGEST_QUEUE = 4096
log = structlog.get_logger(__name__)


class Busy(AppError):
    """Too many people at once, or a database that is away, full or slow."""

    status = 503
    type = "busy"
    message = _("This cannot be done right now. Please try again in a moment.")


class Batcher(Generic[Command, Outcome]):
    """One queue, one batch in flight per process, each in a `transaction` of its own.

    `execute(connection, commands)` decides every command in its order and returns an outcome, or the AppError, for
    each. When it raises, the whole batch is rolled back and every command is run alone; so each command must carry a
    key by which a repeat after a COMMIT whose answer was lost is recognised.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        execute: Callable[[AsyncConnection, Sequence[Command]], Awaitable[Sequence[Outcome | AppError]]],
    ) -> None:
        self._begin = transaction
        self._execute = execute
        self._waiting: list[tuple[Command, asyncio.Future[Outcome]]] = []
        self._task: asyncio.Task[None] | None = None

    async def submit(self, command: Command) -> Outcome:
        """Returns after the COMMIT; raises what `execute` decided, or Busy."""
        if len(self._waiting) >= LONGEST_QUEUE:
            raise Busy
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._run(), context=Context())  # no one request's log lines
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
                await self._commit(batch)
        finally:
            self._task = None

    async def _commit(self, batch: list[tuple[Command, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._transaction([command for command, _ in batch])
        except Exception as error:
            await self._recover(batch, error)
        else:
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                _resolve(answer, outcome)

    async def _transaction(self, commands: list[Command]) -> Sequence[Outcome | AppError]:
        async with self._begin() as connection:
            return await self._execute(connection, commands)

    async def _recover(self, batch: list[tuple[Command, asyncio.Future[Outcome]]], error: Exception) -> None:
        log.warning("batch.failed", size=len(batch), reason=repr(error))
        for command, answer in batch:
            await self._run_alone(command, answer)

    async def _run_alone(self, command: Command, answer: asyncio.Future[Outcome]) -> None:
        """Twice: a first COMMIT whose answer was lost may still be on its way, and then the first try meets its key."""
        for last in (False, True):
            try:
                (outcome,) = await self._transaction([command])
            except Exception as error:
                if last:
                    _refuse(answer, error)
            else:
                _resolve(answer, outcome)
                return


def _refuse(answer: asyncio.Future[Outcome], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def _resolve(answer: asyncio.Future[Outcome], outcome: Outcome | AppError) -> None:
    if isinstance(outcome, AppError):
        _refuse(answer, outcome)
    elif not answer.done():
        answer.set_result(outcome)
