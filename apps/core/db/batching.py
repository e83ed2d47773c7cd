"""Group commit: requests that wait while one transaction runs are the next transaction.

Under load a hundred customers share one lock and one commit; alone, each is a batch of one, through the same code.
Why, and against what: docs/decisions/group-commit.md.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import Generic, TypeVar

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.errors import is_locked
from apps.core.errors import AppError, Busy

Command = TypeVar("Command")
Outcome = TypeVar("Outcome")
LARGEST_BATCH = 256
LONGEST_QUEUE = 4096
PATIENCE = 4.5
"""Seconds from a command to its answer; who cannot be served by then hears Busy."""
LOOK_AGAIN = 0.05
"""Seconds after which what others kept locked is tried again."""
log = structlog.get_logger(__name__)


class Waiting(msgspec.Struct, Generic[Command, Outcome], frozen=True, eq=False):
    command: Command
    answer: asyncio.Future[Outcome]


class Batcher(Generic[Command, Outcome]):
    """One queue, one batch in flight per process, each in a `transaction` of its own.

    `execute(connection, commands)` decides every command in its order and returns an outcome, or the AppError, for
    each. When it raises, the whole batch is rolled back and every command is run alone; so each command must carry a
    key by which a repeat after a COMMIT whose answer was lost is recognised.

    `execute_unlocked` does the same without waiting for anybody's lock, and returns None for what is locked. Once
    `execute` has waited in vain, as long as the transaction's lock_timeout, it goes on in its place until nothing is
    locked any more: what others keep locked holds up nobody else.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        execute: Callable[[AsyncConnection, Sequence[Command]], Awaitable[Sequence[Outcome | AppError]]],
        execute_unlocked: Callable[[AsyncConnection, Sequence[Command]], Awaitable[Sequence[Outcome | AppError | None]]]
        | None = None,
    ) -> None:
        self._begin = transaction
        self._execute = execute
        self._execute_unlocked = execute_unlocked
        self._waiting: list[Waiting[Command, Outcome]] = []
        self._locked_out: list[Waiting[Command, Outcome]] = []
        self._task: asyncio.Task[None] | None = None

    async def submit(self, command: Command) -> Outcome:
        """Returns after the COMMIT; raises what `execute` decided, or Busy."""
        if len(self._waiting) + len(self._locked_out) >= LONGEST_QUEUE:
            raise Busy
        loop = asyncio.get_running_loop()
        each: Waiting[Command, Outcome] = Waiting(command, loop.create_future())
        self._waiting.append(each)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), context=Context())  # no one request's log lines
        patience = loop.call_later(PATIENCE, _refuse, each.answer, Busy())
        try:
            return await each.answer
        finally:
            patience.cancel()

    async def _run(self) -> None:
        try:
            while self._waiting or self._locked_out:
                if not self._waiting:
                    await asyncio.sleep(LOOK_AGAIN)
                await self._serve_next()
        finally:
            self._task = None

    async def _serve_next(self) -> None:
        """Who was locked out goes first, but half of the batch is for those who come."""
        again, self._locked_out = _split(self._locked_out, LARGEST_BATCH // 2)
        new, self._waiting = _split(self._waiting, LARGEST_BATCH - len(again))
        if batch := [each for each in (*again, *new) if not each.answer.done()]:
            await (self._serve_unlocked(batch) if again else self._serve(batch))

    async def _serve(self, batch: Sequence[Waiting[Command, Outcome]]) -> None:
        try:
            outcomes = await self._transaction(self._execute, batch)
        except Exception as error:
            if self._execute_unlocked and is_locked(error):
                log.warning("batch.locked", size=len(batch))
                await self._serve_unlocked(batch)
            else:
                await self._recover(batch, error)
        else:
            self._answer(batch, outcomes)

    async def _serve_unlocked(self, batch: Sequence[Waiting[Command, Outcome]]) -> None:
        try:
            outcomes = await self._transaction(self._execute_unlocked or self._execute, batch)
        except Exception as error:
            await self._recover(batch, error)
        else:
            self._answer(batch, outcomes)

    async def _transaction(
        self,
        execute: Callable[[AsyncConnection, Sequence[Command]], Awaitable[Sequence[Outcome | AppError | None]]],
        batch: Sequence[Waiting[Command, Outcome]],
    ) -> Sequence[Outcome | AppError | None]:
        async with self._begin() as connection:
            return await execute(connection, [each.command for each in batch])

    def _answer(
        self, batch: Sequence[Waiting[Command, Outcome]], outcomes: Sequence[Outcome | AppError | None]
    ) -> None:
        for each, outcome in zip(batch, outcomes, strict=True):
            if outcome is None:
                self._locked_out.append(each)
            else:
                _resolve(each.answer, outcome)

    async def _recover(self, batch: Sequence[Waiting[Command, Outcome]], error: Exception) -> None:
        log.warning("batch.failed", size=len(batch), reason=repr(error))
        for each in batch:
            await self._run_alone(each)

    async def _run_alone(self, each: Waiting[Command, Outcome]) -> None:
        """Twice: a first COMMIT whose answer was lost may still be on its way, and then the first try meets its key."""
        for last in (False, True):
            if each.answer.done():  # nobody waits any more
                return
            try:
                outcomes = await self._transaction(self._execute_unlocked or self._execute, [each])
            except Exception as error:
                if last:
                    _refuse(each.answer, error)
            else:
                self._answer([each], outcomes)
                return


def _split(
    waiting: list[Waiting[Command, Outcome]], number: int
) -> tuple[list[Waiting[Command, Outcome]], list[Waiting[Command, Outcome]]]:
    return waiting[:number], waiting[number:]


def _refuse(answer: asyncio.Future[Outcome], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def _resolve(answer: asyncio.Future[Outcome], outcome: Outcome | AppError) -> None:
    if isinstance(outcome, AppError):
        _refuse(answer, outcome)
    elif not answer.done():
        answer.set_result(outcome)
