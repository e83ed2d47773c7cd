"""kill -9 in the middle of an erasure: another worker goes on where it stopped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from tests.journeys.customer import Customer, sql
from tests.kernel.processes import Processes, forget_the_dead, somebody_waits, standing_in_the_way, until
from tests.privacy.marked_person import MarkedPerson, marks_found
from tests.privacy.test_erasure import DUE, OVER, ask, state

pytestmark = pytest.mark.anyio


@pytest.fixture
async def processes(database_url: str, tmp_path: Path) -> AsyncIterator[Processes]:
    started = Processes(database_url, tmp_path)
    yield started
    started.stop()


async def waits_in_the_middle(db: Database) -> bool:
    return await state(db) == "running" and await somebody_waits(db)


@pytest.mark.parametrize("table", ["orders", "mail"])
async def test_what_is_erased_stays_so_and_the_rest_follows(
    table: str, marked: MarkedPerson, customer: Customer, processes: Processes, db: Database
) -> None:
    await ask(marked.fan)
    await customer.jobs()
    for step in (OVER, DUE):
        await sql(db, step)
    async with standing_in_the_way(db, f"LOCK TABLE {table} IN SHARE MODE"):
        await JOBS["privacy.erase_due"].run(db, None)
        worker = processes.worker()
        await until(lambda: waits_in_the_middle(db))
        worker.kill()
    assert await state(db) == "running"
    await forget_the_dead(db)
    await customer.by_the_clock("privacy.erase_due")
    assert await state(db) == "done"
    assert await marks_found(db) == {}
