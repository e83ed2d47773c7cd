"""Passwords that wait to be hashed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

from apps.accounts.passwords.hashing import QUEUE
from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.kernel.processes import PATIENCE

OPEN = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"


async def open_while_queued(db: Database, asking: Awaitable[Any]) -> list[Any]:
    """The transactions that are open while what `asking` brought waits in the queue."""
    async with nobody_served():
        waiting = asyncio.ensure_future(asking)
        await wait_for_queue(1)
        found = await sql(db, OPEN)
    await waiting
    return found


async def wait_for_queue(length: int) -> None:
    """Until so many stand in it."""
    async with asyncio.timeout(PATIENCE):
        while sum(map(len, QUEUE.waiting.values())) < length:  # noqa: ASYNC110 (no event tells that somebody came)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def nobody_served() -> AsyncIterator[None]:
    done = Event()
    busy = [QUEUE.threads.submit(done.wait) for _ in range(QUEUE.at_once)]
    try:
        yield
    finally:
        done.set()
        await asyncio.gather(*map(asyncio.wrap_future, busy))
