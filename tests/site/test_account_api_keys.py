"""Staff make API keys of their own on the pages of their account."""

import re

import httpx
import pytest

from apps.accounts.sessions.browser import SESSION
from apps.core.db.database import Database
from tests.backoffice.conftest import HOST
from tests.journeys.customer import sql
from tests.site.browser import Fan
from tests.staff import in_browser_as

pytestmark = pytest.mark.anyio
KEY = re.compile(r"bl_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")
PRODUCTS = {"may.products.view": "1"}


async def signed_in(fan: Fan, db: Database, role: str) -> Fan:
    token = await in_browser_as(db, role, email=f"{role}@example.org")
    fan.client.cookies.set(SESSION, token, domain=HOST, path="/")
    return fan


@pytest.fixture
async def manager(fan: Fan, db: Database) -> Fan:
    return await signed_in(fan, db, "manager")


async def asked(client: httpx.AsyncClient, key: str) -> int:
    return (await client.get("/api/v1/staff/products", headers={"Authorization": f"Bearer {key}"})).status_code


async def test_is_shown_once_works_and_is_revoked(manager: Fan, db: Database) -> None:
    await manager.visit("/account")
    await manager.follow("API keys")
    await manager.follow("New API key")
    page = await manager.press("Create API key", name="Label printer", days=90, **PRODUCTS)
    (key,) = KEY.findall(page.answer.text)
    assert await asked(manager.client, key) == 200
    page = await manager.follow("I have copied it")
    assert ("Label printer" in page.text, "Products: See products" in page.text, key in page.answer.text) == (
        True,
        True,
        False,
    )
    assert await sql(db, "SELECT expires_at::date - created_at::date FROM api_key") == [(90,)]
    page = await manager.press("Revoke")
    assert "The API key is revoked." in page.text
    assert "Label printer" not in page.text
    assert await asked(manager.client, key) == 401


async def test_what_is_missing_is_said_beside_it(manager: Fan) -> None:
    await manager.visit("/account/api-keys/new")
    page = await manager.press("Create API key", status=422)
    assert ("Please fill this in." in page.text, "Choose at least one." in page.text) == (True, True)


async def test_only_what_they_may_do_themselves_is_offered_and_taken(manager: Fan) -> None:
    page = await manager.visit("/account/api-keys/new")
    assert "may.roles.edit" not in page.answer.text
    more = {"may.roles.edit": "1"}
    page = await manager.press("Create API key", status=403, name="Mine", **more)
    assert "permissions that you do not have yourself" in page.text


async def test_a_fresh_proof_is_asked_for(manager: Fan, db: Database) -> None:
    await sql(db, "UPDATE user_session SET proved_at = now() - interval '1 hour'")
    assert "/account/prove" in (await manager.visit("/account/api-keys/new")).url


async def test_fans_have_no_such_page(fan: Fan, db: Database) -> None:
    fan = await signed_in(fan, db, "customer")
    assert "API keys" not in (await fan.visit("/account")).text
    await fan.visit("/account/api-keys", status=404)
    await fan.visit("/account/api-keys/new", status=404)
