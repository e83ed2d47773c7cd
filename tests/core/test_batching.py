"""Group commit: who waits while a batch runs is the next batch; a batch that fails is done one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.contextvars import bound_contextvars, get_contextvars

from apps.core.db import batching
from apps.core.db.batching import Batcher
from apps.core.db.database import Database
from apps.core.errors import AppError, Busy, NotFound
from tests.journeys.customer import sql
from tests.kernel.processes import standing_in_the_way, until

pytestmark = pytest.mark.anyio


class Counter:
    """Writes each command into a table and doubles it; 13 breaks its batch, 404 is refused."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def execute(self, connection: AsyncConnection, commands: Sequence[int]) -> list[int | AppError]:
        self.batches.append(list(commands))
        for command in commands:
            await connection.execute(text("INSERT INTO counted VALUES (:number)"), {"number": command})
        if 13 in commands:
            raise ZeroDivisionError
        return [NotFound() if command == 404 else 2 * command for command in commands]


@pytest.fixture
async def counter(db: Database) -> Counter:
    await sql(db, "CREATE TABLE counted (number integer)")
    return Counter()


async def counted(db: Database) -> list[int]:
    return [row.number for row in await sql(db, "SELECT number FROM counted ORDER BY number")]


async def test_alone_one_is_a_batch_of_one(db: Database, counter: Counter) -> None:
    batcher = Batcher(db.transaction, counter.execute)
    assert [await batcher.submit(number) for number in (1, 2)] == [2, 4]
    assert counter.batches == [[1], [2]]


async def test_who_waits_together_is_one_batch_in_order_of_arrival(db: Database, counter: Counter) -> None:
    batcher = Batcher(db.transaction, counter.execute)
    assert await asyncio.gather(*(batcher.submit(number) for number in range(1, 8))) == [2, 4, 6, 8, 10, 12, 14]
    assert counter.batches == [[1, 2, 3, 4, 5, 6, 7]]
    assert await counted(db) == [1, 2, 3, 4, 5, 6, 7]


async def test_no_batch_is_larger_than_the_largest(
    db: Database, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "LARGEST_BATCH", 3)
    batcher = Batcher(db.transaction, counter.execute)
    await asyncio.gather(*(batcher.submit(number) for number in range(7)))
    assert [len(batch) for batch in counter.batches] == [3, 3, 1]


async def test_a_refusal_is_its_commands_own(db: Database, counter: Counter) -> None:
    batcher = Batcher(db.transaction, counter.execute)
    outcomes = await asyncio.gather(*(batcher.submit(number) for number in (1, 404, 2)), return_exceptions=True)
    assert (outcomes[0], type(outcomes[1]), outcomes[2]) == (2, NotFound, 4)


@pytest.mark.parametrize("commands", [(13, 1, 2), (1, 13, 2), (1, 2, 13)])
async def test_a_command_that_breaks_its_batch_fails_alone(
    db: Database, counter: Counter, commands: tuple[int, ...]
) -> None:
    batcher = Batcher(db.transaction, counter.execute)
    outcomes = await asyncio.gather(*(batcher.submit(number) for number in commands), return_exceptions=True)
    assert [type(each) for each in outcomes] == [ZeroDivisionError if each == 13 else int for each in commands]
    assert await counted(db) == [1, 2]
    assert await batcher.submit(5) == 10


async def test_who_leaves_the_queue_does_not_hurt_the_others(db: Database, counter: Counter) -> None:
    batcher = Batcher(db.transaction, counter.execute)
    tasks = [asyncio.create_task(batcher.submit(number)) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert (outcomes[0], type(outcomes[1]), outcomes[2]) == (2, asyncio.CancelledError, 6)
    assert counter.batches == [[1, 3]]


async def test_a_queue_that_is_too_long_says_so(
    db: Database, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "LONGEST_QUEUE", 2)
    batcher = Batcher(db.transaction, counter.execute)
    outcomes = await asyncio.gather(*(batcher.submit(number) for number in range(4)), return_exceptions=True)
    assert [type(each) for each in outcomes] == [int, int, Busy, Busy]


async def test_a_batch_has_no_one_requests_log_lines(db: Database) -> None:
    async def tell(connection: AsyncConnection, commands: Sequence[int]) -> list[dict[str, object]]:
        return [get_contextvars() for _ in commands]

    with bound_contextvars(request="mine"):
        assert await Batcher(db.transaction, tell).submit(1) == {}


class Unlucky(Counter):
    """Its first transactions end in an error after everything was decided; `may_go_on` lets each of them end."""

    def __init__(self, errors: int) -> None:
        super().__init__()
        self.errors = errors
        self.begun, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def execute(self, connection: AsyncConnection, commands: Sequence[int]) -> list[int | AppError]:
        outcomes = await super().execute(connection, commands)
        self.begun.set()
        await self.may_go_on.wait()
        if len(self.batches) <= self.errors:
            raise ZeroDivisionError
        return outcomes


@pytest.mark.usefixtures("counter")
class TestTransactionsThatFail:
    async def test_alone_each_command_has_two_tries(self, db: Database) -> None:
        unlucky = Unlucky(errors=2)
        unlucky.may_go_on.set()
        assert await Batcher(db.transaction, unlucky.execute).submit(1) == 2
        assert (unlucky.batches, await counted(db)) == ([[1], [1], [1]], [1])

    async def test_who_left_meanwhile_is_not_tried_again(self, db: Database) -> None:
        unlucky = Unlucky(errors=1)
        batcher = Batcher(db.transaction, unlucky.execute)
        tasks = [asyncio.create_task(batcher.submit(number)) for number in (1, 2)]
        await unlucky.begun.wait()
        tasks[0].cancel()
        unlucky.may_go_on.set()
        assert await tasks[1] == 4
        assert (unlucky.batches, await counted(db)) == ([[1, 2], [2]], [2])


class Shelf:
    """Doubles each command whose row it can lock; 13 breaks its batch. `waited` and `passed` are the batches."""

    def __init__(self) -> None:
        self.waited: list[list[int]] = []
        self.passed: list[list[int]] = []

    async def execute(self, connection: AsyncConnection, commands: Sequence[int]) -> list[int]:
        self.waited.append(list(commands))
        await connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        await self._lock(connection, commands, "FOR UPDATE")
        return [2 * command for command in commands]

    async def execute_unlocked(self, connection: AsyncConnection, commands: Sequence[int]) -> list[int | None]:
        self.passed.append(list(commands))
        free = await self._lock(connection, commands, "FOR UPDATE SKIP LOCKED")
        return [2 * command if command in free else None for command in commands]

    async def _lock(self, connection: AsyncConnection, commands: Sequence[int], how: str) -> set[int]:
        if 13 in commands:
            raise ZeroDivisionError
        mine = text(f"SELECT number FROM counted WHERE number = ANY(:numbers) ORDER BY number {how}")
        return set(await connection.scalars(mine, {"numbers": list(commands)}))


@pytest.fixture
async def shelf(db: Database, counter: Counter) -> Shelf:
    await sql(db, "INSERT INTO counted SELECT generate_series(1, 20)")
    return Shelf()


class TestWhatOthersKeepLocked:
    async def test_it_is_waited_for_once_and_goes_first_from_then_on(self, db: Database, shelf: Shelf) -> None:
        batcher = Batcher(db.transaction, shelf.execute, shelf.execute_unlocked)
        async with locked(db, 1):
            tasks = [asyncio.create_task(batcher.submit(number)) for number in (1, 2)]
            assert await tasks[1] == 4
            assert await batcher.submit(3) == 6
            assert not tasks[0].done()
        assert await tasks[0] == 2
        assert shelf.waited == [[1, 2]]
        assert shelf.passed[0] == [1, 2]
        assert [1, 3] in shelf.passed

    async def test_half_of_a_batch_is_for_those_who_come(
        self, db: Database, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batching, "LARGEST_BATCH", 4)
        batcher = Batcher(db.transaction, shelf.execute, shelf.execute_unlocked)
        async with locked(db, 1, 2, 3, 4):
            waiting = [asyncio.create_task(batcher.submit(number)) for number in (1, 2, 3, 4)]
            await until(has_been_passed(shelf))
            new = await asyncio.gather(*(batcher.submit(number) for number in (5, 6, 7, 8)))
        assert (new, await asyncio.gather(*waiting)) == ([10, 12, 14, 16], [2, 4, 6, 8])
        assert [batch[2:] for batch in shelf.passed if max(batch) > 4] == [[5, 6], [7, 8]]

    async def test_who_waits_for_it_is_in_the_queue(
        self, db: Database, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batching, "LONGEST_QUEUE", 2)
        monkeypatch.setattr(batching, "LOOK_AGAIN", 0.3)
        batcher = Batcher(db.transaction, shelf.execute, shelf.execute_unlocked)
        async with locked(db, 2):
            waiting = [asyncio.create_task(batcher.submit(number)) for number in (1, 2)]
            await waiting[0]
            new = await asyncio.gather(*(batcher.submit(number) for number in (3, 4)), return_exceptions=True)
        assert [type(each) for each in new] == [int, Busy]
        assert await waiting[1] == 4

    async def test_whose_batch_breaks_still_waits_for_it(self, db: Database, shelf: Shelf) -> None:
        batcher = Batcher(db.transaction, shelf.execute, shelf.execute_unlocked)
        async with locked(db, 1):
            tasks = [asyncio.create_task(batcher.submit(number)) for number in (1, 13, 2)]
            assert await tasks[2] == 4
            assert isinstance((await asyncio.gather(tasks[1], return_exceptions=True))[0], ZeroDivisionError)
            assert not tasks[0].done()
        assert await tasks[0] == 2


def locked(db: Database, *numbers: int) -> AbstractAsyncContextManager[None]:
    return standing_in_the_way(db, f"SELECT 1 FROM counted WHERE number = ANY(ARRAY{list(numbers)}) FOR UPDATE")


def has_been_passed(shelf: Shelf) -> Callable[[], Awaitable[bool]]:
    async def happened() -> bool:
        return bool(shelf.passed)

    return happened
