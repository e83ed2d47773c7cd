"""The worker's session is cut, by itself and inside the web process: it works on, and health tells how it is."""

import httpx
import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS, enqueue
from project.settings import settings
from tests.journeys.customer import sql
from tests.kernel.processes import Processes, nothing_is_queued, until

pytestmark = pytest.mark.anyio
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'backline-worker' AND datname = current_database()
"""


async def ready() -> httpx.Response:
    async with httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as client:
        return await client.get("/health/ready")


async def is_cut(db: Database) -> bool:
    return bool(await sql(db, CUT))


async def has_no_warnings() -> bool:
    return (await ready()).json()["warnings"] == []


@pytest.mark.parametrize("options", [(), ("--with-worker",)])
async def test_a_cut_worker_works_on(processes: Processes, db: Database, options: tuple[str, ...]) -> None:
    await processes.web(*options)
    if not options:
        assert "no worker has ever been seen" in (await ready()).text
        processes.worker()
    for _ in range(2):
        await until(lambda: is_cut(db))
        async with db.begin() as session:
            await enqueue(session, JOBS["core.forget_rate_counts"].call())
        await until(lambda: nothing_is_queued(db))
    await until(has_no_warnings)
