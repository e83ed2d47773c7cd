"""What users are entitled to: granted and ended by staff, and counted from their next request on."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.accounts.fan import Fan
from tests.journeys.conftest import client, server
from tests.journeys.customer import sql
from tests.staff import signed_in_as

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
KEY = "club.gold"


@pytest.fixture
async def fan(client: httpx.AsyncClient, db: Database) -> Fan:
    fan = Fan(client)
    await fan.open_account(db)
    await fan.sign_in()
    return fan


class Office:
    """A manager who says what the fan is entitled to."""

    def __init__(self, client: httpx.AsyncClient, who: dict[str, str], path: str) -> None:
        self.client, self.who, self.path = client, who, path

    async def grant(self, key: str = KEY, *, status: int = 200, ends_at: str | None = None) -> dict:
        body = {"key": key, "ends_at": ends_at}
        answer = await self.client.post(self.path, headers=self.who, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def end(self, key: str = KEY, *, status: int = 204) -> None:
        answer = await self.client.delete(f"{self.path}/{key}", headers=self.who)
        assert answer.status_code == status, answer.text

    async def list(self) -> list[dict]:
        return (await self.client.get(self.path, headers=self.who)).json()


@pytest.fixture
async def office(client: httpx.AsyncClient, db: Database, fan: Fan) -> Office:
    path = f"/api/v1/staff/users/{(await fan.me())['id']}/entitlements"
    return Office(client, await signed_in_as(db, "manager"), path)


async def test_what_is_granted_and_ended_counts_on_the_next_request(fan: Fan, office: Office) -> None:
    await office.grant()
    assert (await fan.me())["entitlements"] == [KEY]
    await office.end()
    assert (await fan.me())["entitlements"] == []
    assert await office.grant() == {"key": KEY, "by_staff": True, "active": True, "ends_at": None}
    await office.end()
    (ended,) = await office.list()
    assert (ended["key"], ended["active"], ended["by_staff"]) == (KEY, False, True)


async def test_it_ends_by_itself(fan: Fan, office: Office, db: Database) -> None:
    await office.grant(ends_at="2099-01-01T00:00:00Z")
    assert (await fan.me())["entitlements"] == [KEY]
    await sql(db, "UPDATE entitlement SET ends_at = clock_timestamp()")
    assert (await fan.me())["entitlements"] == []


async def test_what_staff_did_not_grant_they_do_not_end(fan: Fan, office: Office, db: Database) -> None:
    await office.grant()
    await sql(db, "UPDATE entitlement SET source = 'membership:1'")
    await office.end(status=404)
    assert (await fan.me())["entitlements"] == [KEY]


@pytest.mark.parametrize("key", ["", "Gold", "gold-", "a" * 61, "gold club", "золото"])
async def test_a_key_has_one_spelling(key: str, office: Office) -> None:
    assert (await office.grant(key, status=422))["errors"][0]["field"] == "key"


async def test_the_past_is_no_end(office: Office) -> None:
    assert (await office.grant(status=422, ends_at="2020-01-01T00:00:00Z"))["errors"][0]["field"] == "ends_at"


async def test_moderators_see_and_do_not_grant(client: httpx.AsyncClient, office: Office, db: Database) -> None:
    office.who = await signed_in_as(db, "moderator")
    assert await office.list() == []
    await office.grant(status=403)
