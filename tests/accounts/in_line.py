"""Passwords that wait to be hashed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

from apps.accounts.passwords import AT_ONCE, THREADS, in_line
from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.kernel.processes import PATIENCE

OPEN = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"


async def open_while_in_line(db: Database, asking: Awaitable[Any]) -> list[Any]:
    """The transactions that are open while what `asking` brought stands in line."""
    async with _nobody_served():
        waiting = asyncio.ensure_future(asking)
        async with asyncio.timeout(PATIENCE):
            while not in_line:  # noqa: ASYNC110 (no event tells that somebody came)
                await asyncio.sleep(0.01)
        found = await sql(db, OPEN)
    await waiting
    return found


@asynccontextmanager
async def _nobody_served() -> AsyncIterator[None]:
    done = Event()
    busy = [THREADS.submit(done.wait) for _ in range(AT_ONCE)]
    try:
        yield
    finally:
        done.set()
        await asyncio.gather(*map(asyncio.wrap_future, busy))
