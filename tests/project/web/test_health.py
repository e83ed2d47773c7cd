"""/health/ready: what takes a process out of service, and what is only told of."""

import asyncio

import httpx
import pytest

from apps.core.db.database import Database
from project.web import health
from project.web.health import Readiness
from tests.core.unsteady import unsteady
from tests.journeys.conftest import client, server
from tests.journeys.customer import sql

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT", 0.0)


async def ready(client: httpx.AsyncClient, status: int = 200) -> dict:
    answer = await client.get("/health/ready")
    assert answer.status_code == status, answer.text
    return answer.json()


async def see_worker(db: Database, *, ago: int) -> None:
    seen = "INSERT INTO process VALUES (gen_random_uuid(), 'worker', now() - make_interval(secs => :ago))"
    await sql(db, seen, ago=ago)


async def test_a_shop_without_a_worker_goes_on_selling(client: httpx.AsyncClient, db: Database) -> None:
    report = await ready(client)
    assert report["status"] == "ready"
    assert "no worker has ever been seen" in report["warnings"][0]
    await see_worker(db, ago=400)
    report = await ready(client)
    assert "no worker was seen for 4" in report["warnings"][0]
    assert report["worker_seen_seconds_ago"] >= 400
    await see_worker(db, ago=2)
    assert (await ready(client))["warnings"] == []


async def test_how_long_the_oldest_due_job_has_waited(client: httpx.AsyncClient, db: Database) -> None:
    await see_worker(db, ago=0)
    await sql(
        db,
        """INSERT INTO pgqueuer (priority, status, entrypoint, execute_after)
           VALUES (0, 'queued', 'test.due', now() - interval '400 seconds'),
                  (0, 'queued', 'test.later', now() + interval '1 hour'),
                  (0, 'failed', 'test.failed', now() - interval '1 day')""",
    )
    report = await ready(client)
    assert report["oldest_due_job_seconds"] >= 400
    assert "the oldest due job has waited for 4" in report["warnings"][0]


async def test_it_cannot_sell_what_it_cannot_write(client: httpx.AsyncClient, db: Database) -> None:
    await sql(
        db,
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$""",
    )
    await sql(db, "CREATE TRIGGER disk BEFORE INSERT OR UPDATE ON process FOR EACH ROW EXECUTE FUNCTION refuse()")
    report = await ready(client, 503)
    assert (report["status"], report["reasons"]) == (
        "unready",
        ["the database does not answer, or takes no writes: DiskFullError"],
    )


async def test_it_takes_room_on_the_disk_to_be_ready(db: Database) -> None:

    async with db.transaction() as connection:
        await connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
        plan = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE) {health.SPILL}")
        assert "Disk:" in "\n".join(row[0] for row in plan)


async def test_a_database_that_is_away(database_url: str) -> None:
    async with unsteady(database_url) as way:
        far = Database(way.url)
        readiness = Readiness(far)
        assert (await readiness.report()).reasons == ()
        way.close()
        [reason] = (await readiness.report()).reasons
        assert reason.startswith("the database does not answer")
        await far.close()


async def test_a_crowd_that_asks_is_one_question(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT", 3600.0)
    readiness = Readiness(db)
    await asyncio.gather(*(readiness.report() for _ in range(50)))
    [first] = await sql(db, "SELECT seen_at FROM process")
    await readiness.report()
    assert [first] == await sql(db, "SELECT seen_at FROM process")
