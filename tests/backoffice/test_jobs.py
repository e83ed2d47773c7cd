"""Jobs that failed for good are seen, and tried again or cancelled by who may."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from apps.core.db.database import Database
from apps.core.jobs import ATTEMPTS, JOBS, Job, drain, enqueue, job
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.journeys.customer import hurry_jobs, sql
from tests.queries import counting

pytestmark = pytest.mark.anyio
LIST = "/admin/stuck-job/list"
MOST_STATEMENTS = 12


class Bell:
    """A job that can be broken, and notes whom it rang for."""

    def __init__(self) -> None:
        self.is_broken = True
        self.rang: list[UUID] = []

    async def ring(self, db: Database, id: UUID) -> None:
        if self.is_broken:
            raise ConnectionRefusedError("no clapper")
        self.rang.append(id)


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    job("test.ring")(bell.ring)
    yield bell
    del JOBS["test.ring"]


async def fail(db: Database, *, dedupe_key: str | None = None) -> UUID:
    """A job that has failed for the last time; its id in the back office."""
    ring: Job = JOBS["test.ring"]
    async with db.begin() as session:
        await enqueue(session, ring.call(id=uuid4(), dedupe_key=dedupe_key))
    await sql(db, "UPDATE pgqueuer SET attempts = :tries WHERE status = 'queued'", tries=ATTEMPTS - 1)
    await hurry_jobs(db)
    await drain(db)
    [row] = await sql(db, "SELECT max(id) AS id FROM pgqueuer WHERE status = 'failed'")
    return UUID(int=row.id)


async def states(db: Database) -> list[str]:
    return [row.status for row in await sql(db, "SELECT status::text FROM pgqueuer ORDER BY id")]


async def test_a_failed_job_is_told_of_with_its_reason(manager: Clerk, bell: Bell, db: Database) -> None:
    await fail(db)
    await manager.visit("/admin/")
    page = await manager.follow("1 Failed jobs")
    assert f"test.ring Failed ConnectionRefusedError: no clapper {ATTEMPTS}" in page.text
    details = await manager.follow("test.ring")
    assert 'raise ConnectionRefusedError("no clapper")' in details.text


async def test_it_is_tried_again(manager: Clerk, bell: Bell, db: Database) -> None:
    await manager.visit(f"/admin/stuck-job/do/retry?pks={await fail(db)}")
    bell.is_broken = False
    page = await manager.press("Try again")
    assert "The job is in the queue again." in page.text
    assert "test.ring" not in page.text
    await drain(db)
    assert len(bell.rang) == 1


async def test_a_second_click_changes_nothing(manager: Clerk, bell: Bell, db: Database) -> None:
    asked = await manager.visit(f"/admin/stuck-job/do/retry?pks={await fail(db)}")
    await manager.press("Try again")
    manager.page = asked
    await manager.press("Try again")
    assert await states(db) == ["queued"]
    [row] = await sql(db, "SELECT count(*) AS number FROM audit_entry WHERE action = 'jobs.retry'")
    assert row.number == 1


async def test_what_waits_in_the_queue_already_is_not_queued_twice(manager: Clerk, bell: Bell, db: Database) -> None:
    failed = await fail(db, dedupe_key="for ann")
    async with db.begin() as session:
        await enqueue(session, JOBS["test.ring"].call(id=uuid4(), dedupe_key="for ann"))
    await manager.visit(f"/admin/stuck-job/do/retry?pks={failed}")
    page = await manager.press("Try again", status=409)
    assert "The same job is already in the queue." in page.text


async def test_it_is_given_up_by_an_administrator_only(admin: Clerk, clerk: SignIn, bell: Bell, db: Database) -> None:
    failed = await fail(db)
    manager, moderator = await clerk("manager"), await clerk("moderator")
    await manager.visit(f"/admin/stuck-job/do/give-up?pks={failed}", status=403)
    await moderator.visit(LIST, status=404)
    await admin.visit(f"/admin/stuck-job/do/give-up?pks={failed}")
    await admin.press("Cancel job")
    assert await states(db) == []
    assert "Job cancelled" in (await admin.visit("/admin/audit-entry/list")).text


async def test_what_should_have_begun_is_told_of(manager: Clerk, db: Database) -> None:
    await sql(
        db,
        """INSERT INTO pgqueuer (priority, status, entrypoint, execute_after)
           VALUES (0, 'queued', 'test.late', now() - interval '6 minutes'),
                  (0, 'queued', 'test.soon', now() - interval '1 minute')""",
    )
    await manager.visit("/admin/")
    page = await manager.follow("1 Jobs waiting too long")
    assert "test.late Waiting too long" in page.text
    assert "test.soon" not in page.text


async def test_a_list_goes_on_and_takes_few_statements(manager: Clerk, db: Database) -> None:
    await sql(
        db,
        """INSERT INTO pgqueuer (priority, status, entrypoint)
           SELECT 0, 'failed', 'test.' || n FROM generate_series(1, 60) AS n""",
    )
    with counting() as sent:
        first = await manager.visit(LIST)
    assert len(sent) < MOST_STATEMENTS
    assert "test.60 " in first.text
    assert "test.35 " in (await manager.follow("Next page")).text
