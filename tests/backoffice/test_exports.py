"""Lists as files: a small one at once, a large one by a job that says how far it is, and to nobody else."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from apps.backoffice.exports import making
from apps.backoffice.exports.personal_data import HELD
from apps.core.db.database import Database
from apps.core.jobs import JOBS, drain
from apps.core.privacy.person import Person
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.journeys.customer import sql
from tests.kernel.processes import Processes, forget_the_dead, somebody_waits, standing_in_the_way, until

pytestmark = pytest.mark.anyio
MANY = 30_000
USERS = "/admin/user/export/csv"
FANS = """
INSERT INTO users (id, email, name, locale)
SELECT gen_random_uuid(), 'fan-' || n || '@example.org', 'Fan ' || n, 'en' FROM generate_series(1, :number) AS n
"""


@pytest.fixture
async def many(db: Database) -> None:
    async with db.transaction() as connection:
        await connection.execute(text(FANS), {"number": MANY})


async def asked(clerk: Clerk, path: str = USERS) -> Page:
    await clerk.visit(path)
    return await clerk.press("Prepare the file")


async def file_of(clerk: Clerk) -> list[dict[str, str]]:
    page = await clerk.visit("/admin/exports")
    answer = await clerk.client.get(page.links["Download"])
    assert answer.headers["content-disposition"].startswith('attachment; filename="user-')
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def one(db: Database) -> Any:
    (row,) = await sql(db, "SELECT id, state, done, total, failure FROM list_export")
    return row


async def parts(db: Database) -> int:
    return (await sql(db, "SELECT count(*) AS n FROM list_export_part"))[0].n


@pytest.fixture
async def processes(database_url: str, tmp_path: Path) -> AsyncIterator[Processes]:
    started = Processes(database_url, tmp_path)
    yield started
    started.stop()


@pytest.mark.usefixtures("many")
class TestLarge:
    async def test_is_made_by_a_job_and_whole(self, admin: Clerk, db: Database) -> None:
        page = await asked(admin)
        assert "Users Queued" in page.text
        assert 'http-equiv="refresh"' in page.answer.text
        await drain(db)
        rows = await file_of(admin)
        assert {row["Email"] for row in rows} >= {f"fan-{n}@example.org" for n in range(1, MANY + 1)}
        assert len(rows) == MANY + 1
        page = await admin.visit("/admin/exports")
        assert "Ready 30,001" in page.text
        assert 'http-equiv="refresh"' not in page.answer.text
        told = await sql(db, "SELECT subject FROM audit_entry WHERE action = 'backoffice.export'")
        assert [row.subject for row in told] == ["User"]

    async def test_what_is_narrowed_is_exported_so_and_small_at_once(self, admin: Clerk) -> None:
        answer = await admin.client.get(f"{USERS}?q=fan-12")
        assert answer.headers["content-type"].startswith("text/csv")
        assert len(answer.text.splitlines()) == 1 + 1 + 10 + 100 + 1000

    async def test_asked_twice_it_is_made_once_and_four_are_too_many(self, admin: Clerk, db: Database) -> None:
        for _n in range(2):
            await asked(admin)
        assert (await one(db)).state == "asked"
        for query in ("?sort=-email", "?sort=created_at"):
            await asked(admin, USERS + query)
        await admin.visit(f"{USERS}?sort=email")
        page = await admin.press("Prepare the file", status=409)
        assert "Several of your exports are being prepared." in page.text

    async def test_kill_minus_nine_in_the_middle_is_followed_by_who_goes_on_right_there(
        self, admin: Clerk, db: Database, processes: Processes
    ) -> None:
        await asked(admin)
        async with standing_in_the_way(db, "INSERT INTO list_export_part SELECT id, 3000, '' FROM list_export"):
            worker = processes.worker()
            await until(lambda: somebody_waits(db))
            page = await admin.visit("/admin/exports")
            worker.kill()
        assert "3,000 / 30,001" in page.text
        assert "Download" not in page.links
        assert (await admin.client.get(f"/admin/exports/{(await one(db)).id}/file")).status_code == 404
        await forget_the_dead(db)
        await drain(db)
        emails = [row["Email"] for row in await file_of(admin)]
        assert (len(emails), len(set(emails))) == (MANY + 1, MANY + 1)

    async def test_cancelled_in_the_middle_nothing_is_left(
        self, admin: Clerk, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asked(admin)
        write = making._write_part

        async def cancelled(db: Database, writing: Any) -> None:
            await write(db, writing)
            if writing.done == 2000:
                await admin.visit("/admin/exports")
                await admin.press("Cancel")

        monkeypatch.setattr(making, "_write_part", cancelled)
        await drain(db)
        row = await one(db)
        assert (row.state, row.done, await parts(db)) == ("cancelled", 2000, 0)
        assert "Cancelled" in (await admin.visit("/admin/exports")).text
        assert (await admin.client.get(f"/admin/exports/{row.id}/file")).status_code == 404

    async def test_is_for_its_owner_and_while_they_may(self, admin: Clerk, clerk: SignIn, db: Database) -> None:
        await asked(admin)
        await drain(db)
        link = (await admin.visit("/admin/exports")).links["Download"]
        other = await clerk("admin")
        assert (await other.client.get(link)).status_code == 404
        assert "No exports yet." in (await other.visit("/admin/exports")).text
        await sql(
            db,
            "INSERT INTO role (id, name, title, permissions) VALUES (:id, 'eye', 'E', '[\"users.view\"]')",
            id=uuid4(),
        )
        await sql(db, "UPDATE user_role SET role_id = (SELECT id FROM role WHERE name = 'eye')")
        assert (await admin.client.get(link)).status_code == 403

    async def test_who_may_not_any_more_gets_none(self, admin: Clerk, db: Database) -> None:
        await asked(admin)
        await sql(db, "UPDATE user_role SET role_id = (SELECT id FROM role WHERE name = 'manager')")
        await sql(db, "UPDATE role SET permissions = '[\"users.view\"]' WHERE name = 'manager'")
        await drain(db)
        assert (await one(db)).failure == "not_allowed"
        assert "You no longer have permission to export this list." in (await admin.visit("/admin/exports")).text

    async def test_what_fails_is_told_in_words(
        self, admin: Clerk, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asked(admin)
        monkeypatch.setattr(making, "lines", lambda *_any: 1 / 0)
        await drain(db)
        assert ((await one(db)).state, await parts(db)) == ("failed", 0)
        assert "Something went wrong here. Export the list again" in (await admin.visit("/admin/exports")).text

    async def test_it_is_forgotten_after_its_days(self, admin: Clerk, db: Database) -> None:
        await asked(admin)
        await drain(db)
        assert await parts(db) == 31
        await JOBS["backoffice.forget_exports"].run(db, None)
        assert await parts(db) == 31
        await sql(db, "UPDATE list_export SET expires_at = now() - interval '1 minute'")
        await JOBS["backoffice.forget_exports"].run(db, None)
        assert ((await one(db)).state, await parts(db)) == ("expired", 0)
        page = await admin.visit("/admin/exports")
        assert "No longer kept" in page.text
        assert "Download" not in page.links

    async def test_an_erasure_ends_all_that_somebody_may_stand_in(self, admin: Clerk, db: Database) -> None:
        await asked(admin)
        await drain(db)
        async with db.transaction() as connection:
            for rows in HELD:
                await rows.erase(connection, Person(uuid4(), "fan-1@example.org"))
        assert ((await one(db)).state, await parts(db)) == ("expired", 0)

    async def test_in_russian(self, clerk: SignIn, db: Database) -> None:
        russian = await clerk("admin", language="ru")
        await sql(db, "UPDATE users SET locale = 'ru' WHERE email LIKE 'admin-%'")
        await russian.visit(USERS)
        page = await russian.press("Подготовить файл")
        assert "Ваши выгрузки" in page.text
        await drain(db)
        page = await russian.visit("/admin/exports")
        answer = await russian.client.get(page.links["Скачать"])
        assert answer.content.decode("utf-8-sig").startswith("Эл. почта,")


async def test_a_forged_form_asks_for_nothing(admin: Clerk, db: Database) -> None:
    assert (await admin.client.post(USERS, data={"form": "x"})).status_code == 403
    assert await sql(db, "SELECT id FROM list_export") == []
