"""API keys in the back office, and second factors that are reset there."""

import re

import httpx
import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.journeys.conftest import client
from tests.journeys.customer import sql
from tests.letters import was_told

__all__ = ["client"]
pytestmark = pytest.mark.anyio
PRODUCTS = "/api/v1/staff/products"
KEY = re.compile(r"bl_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


async def new_key(admin: Clerk, *ticked: str, name: str = "Label printer") -> str:
    await admin.visit("/admin/api-key/create")
    page = await admin.press("Save", name=name, ticked=ticked or ("products.view",))
    (key,) = KEY.findall(page.answer.text)
    return str(key)


async def asked(client: httpx.AsyncClient, key: str, path: str = PRODUCTS) -> int:
    return (await client.get(path, headers={"Authorization": f"Bearer {key}"})).status_code


class TestBandKey:
    async def test_is_shown_once_works_and_is_revoked(self, admin: Clerk, client: httpx.AsyncClient) -> None:
        key = await new_key(admin)
        assert await asked(client, key) == 200
        page = await admin.follow("I have copied it")
        assert ("Label printer" in page.text, "The band" in page.text) == (True, True)
        assert key not in page.answer.text
        await admin.follow("Revoke")
        await admin.press("Revoke")
        assert "The API key is revoked." in admin.page.text
        assert await asked(client, key) == 401

    async def test_a_form_that_is_sent_twice_makes_one_and_tells_it_once(self, admin: Clerk, db: Database) -> None:
        await admin.visit("/admin/api-key/create")
        form = admin.page
        for times in (1, 0):
            admin.page = form
            page = await admin.press("Save", name="Label printer", ticked=("products.view",))
            assert len(KEY.findall(page.answer.text)) == times
        assert len(await sql(db, "SELECT 1 FROM api_key")) == 1

    async def test_is_made_by_who_has_just_shown_who_they_are(self, admin: Clerk, db: Database) -> None:
        await sql(db, "UPDATE user_session SET proved_at = now() - interval '1 hour'")
        page = await admin.visit("/admin/api-key/create")
        assert "/account/prove" in page.url
        assert "api-key" in page.url

    async def test_is_never_more_than_its_maker(self, clerk: SignIn, db: Database) -> None:
        await sql(db, "UPDATE role SET permissions = '[\"api_keys.view\", \"api_keys.edit\"]' WHERE name = 'manager'")
        manager = await clerk("manager")
        await manager.visit("/admin/api-key/create")
        page = await manager.press("Save", status=403, name="Mine", ticked=("products.view",))
        assert "permissions that you do not have yourself" in page.text

    async def test_the_log_names_the_key(self, admin: Clerk, client: httpx.AsyncClient) -> None:
        key = await new_key(admin, "products.view", "products.edit")
        headers = {"Authorization": f"Bearer {key}"}
        made = await client.post("/api/v1/staff/categories", json={"title": "Hats"}, headers=headers)
        assert made.status_code == 201
        page = await admin.visit("/admin/audit-entry/list")
        assert f"Label printer ({key[:11]}…)" in page.text


class TestResetSecondFactor:
    async def test_they_sign_in_without_it_and_are_told(self, admin: Clerk, clerk: SignIn, db: Database) -> None:
        await clerk("manager")
        (user,) = await sql(db, "SELECT id FROM users WHERE email LIKE 'manager-%'")
        await sql(
            db,
            "INSERT INTO credential (id, user_id, kind, confirmed_at) VALUES (gen_random_uuid(), :id, 'totp', now())",
            id=user.id,
        )
        await admin.visit(f"/admin/user/do/reset-factors?pks={user.id}")
        await admin.press("Reset second factor")
        assert await sql(db, "SELECT kind FROM credential WHERE user_id = :id", id=user.id) == [("password",)]
        assert await was_told(db, "were reset")
        assert ("accounts.reset_second_factors",) in await sql(db, "SELECT action FROM audit_entry")

    async def test_not_of_who_may_do_more(self, manager: Clerk, clerk: SignIn, db: Database) -> None:
        await clerk("admin")
        await sql(db, "UPDATE role SET permissions = '[\"users.view\", \"users.edit\"]' WHERE name = 'manager'")
        (row,) = await sql(db, "SELECT id FROM users WHERE email LIKE 'admin-%'")
        await manager.visit(f"/admin/user/do/reset-factors?pks={row.id}")
        page = await manager.press("Reset second factor", status=403)
        assert "permissions that you do not have yourself" in page.text
