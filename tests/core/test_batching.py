"""Group commit: who waits while a batch runs is the next batch; a batch that fails is done one by one."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core import batching
from apps.core.batching import Batcher
from apps.core.db import Database
from apps.core.errors import AppError, Busy, NotFound
from tests.journeys.buyer import sql

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


async def test_a_queue_that_is_too_long_says_so(
    db: Database, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "LONGEST_QUEUE", 2)
    batcher = Batcher(db.transaction, counter.execute)
    outcomes = await asyncio.gather(*(batcher.submit(number) for number in range(4)), return_exceptions=True)
    assert [type(each) for each in outcomes] == [int, int, Busy, Busy]
