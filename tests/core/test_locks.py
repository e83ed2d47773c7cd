"""Advisory locks: one transaction at a time for each name and number, and nobody waits in a circle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from apps.core.db.database import Database
from apps.core.db.locks import lock_out_others
from tests.journeys.customer import sql
from tests.kernel.processes import somebody_waits, until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def locked(db: Database, *names: str, numbers: tuple[int, ...] = ()) -> AsyncIterator[None]:
    """By a transaction that ends with this."""
    async with db.transaction() as connection:
        await lock_out_others(connection, names, numbers)
        yield


async def lock(db: Database, *names: str, numbers: tuple[int, ...] = ()) -> datetime:
    """When all of them were locked."""
    async with db.transaction() as connection:
        moment, _ = await lock_out_others(connection, names, numbers)
    return moment


async def held_by_others(db: Database, *names: str, numbers: tuple[int, ...] = ()) -> set[str | int]:
    async with db.transaction() as connection:
        _, theirs = await lock_out_others(connection, names, numbers, waits=False)
    return theirs


async def test_who_waits_for_nobody_is_told_what_others_have(db: Database) -> None:
    async with locked(db, "ann@example.org", numbers=(7,)):
        asked = ("ann@example.org", "bob@example.org")
        assert await held_by_others(db, *asked, numbers=(7, 8)) == {"ann@example.org", 7}
    assert await held_by_others(db, *asked, numbers=(7, 8)) == set()


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
async def test_who_waits_for_one_has_none_that_comes_later(db: Database, numbers: tuple[int, ...]) -> None:
    """So two that want the same in another order never wait for each other."""
    async with locked(db, numbers=(1,)):
        waiting = asyncio.create_task(lock(db, numbers=numbers))
        await until(lambda: somebody_waits(db))
        assert await held_by_others(db, numbers=(2,)) == set()
    await waiting


async def test_the_moment_is_when_the_last_of_them_is_free(db: Database) -> None:
    async with locked(db, "ann@example.org"):
        waiting = asyncio.create_task(lock(db, "ann@example.org"))
        await until(lambda: somebody_waits(db))
        ((still_held,),) = await sql(db, "SELECT clock_timestamp()")
    assert await waiting > still_held
