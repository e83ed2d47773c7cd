"""Whether somebody wants the band's news by mail: they say so themselves, and take it back as easily."""

import csv
import io
from typing import Any

import httpx
import pytest

from apps.core.db.database import Database
from tests.accounts.fan import Fan
from tests.backoffice.conftest import SignIn, clerk
from tests.journeys.conftest import client, server
from tests.journeys.customer import sql

__all__ = ["clerk", "client", "server"]
pytestmark = pytest.mark.anyio
AGREED = "SELECT news_agreed_at AS at FROM users WHERE email = 'fan@example.org'"


@pytest.fixture
async def fan(client: httpx.AsyncClient, db: Database) -> Fan:
    fan = Fan(client)
    await fan.open_account(db)
    await fan.sign_in()
    return fan


async def agreed_at(db: Database) -> Any:
    return (await sql(db, AGREED))[0].at


async def test_nobody_gets_any_who_did_not_ask(fan: Fan, db: Database) -> None:
    assert (await fan.me())["news"] is False
    assert await agreed_at(db) is None


async def test_who_asks_at_registration_gets_them_once_it_is_confirmed(client: httpx.AsyncClient, db: Database) -> None:
    fan = Fan(client)
    assert (await fan.open_account(db, news=True))["news"] is True
    await fan.sign_in()
    assert (await fan.me())["news"] is True


async def test_switched_on_and_off_and_nothing_else_changes(fan: Fan, db: Database) -> None:
    before = await fan.me()
    assert await fan.ask("PATCH", "/api/v1/me", 200, json={"news": True}) == before | {"news": True}
    since = await agreed_at(db)
    await fan.ask("PATCH", "/api/v1/me", 200, json={"news": True, "name": "Ada"})
    await fan.ask("PUT", "/api/v1/me", 200, json={"name": "Ada", "locale": "ru"})
    assert await agreed_at(db) == since is not None
    assert await fan.ask("PATCH", "/api/v1/me", 200, json={"news": False}) == await fan.me()
    assert await agreed_at(db) is None
    told = await sql(db, "SELECT after FROM audit_entry WHERE action = 'accounts.change_profile' ORDER BY id")
    assert [sorted(row.after) for row in told] == [["news_agreed_at"], ["name"], ["locale"], ["news_agreed_at"]]


async def test_the_band_finds_and_exports_who_agreed(fan: Fan, clerk: SignIn, db: Database) -> None:
    await fan.ask("PATCH", "/api/v1/me", 200, json={"news": True})
    admin = await clerk("admin")
    assert "fan@example.org" in (await admin.visit("/admin/user/list?news=yes")).text
    file = (await admin.client.get("/admin/user/export/csv?news=yes")).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file))
    assert (row["Email"], row["News by email since"][:2]) == ("fan@example.org", "20")
    manager = await clerk("manager")
    assert (await manager.client.get("/admin/user/export/csv?news=yes")).status_code in (403, 404)


async def test_who_changes_their_address_keeps_it(fan: Fan, db: Database) -> None:
    await fan.ask("PATCH", "/api/v1/me", 200, json={"news": True})
    await sql(db, "UPDATE users SET email = 'new@example.org'")
    assert (await fan.me())["news"] is True
