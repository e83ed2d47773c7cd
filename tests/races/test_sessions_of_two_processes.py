"""Sessions on two web processes, with a Redis before PostgreSQL and without one."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.races.test_response_caches_of_two_processes import Redis, redis, serving
from tests.staff import in_browser_as

__all__ = ["redis"]
pytestmark = pytest.mark.anyio
PASSWORD = "seven gulls over the harbour"
ME = "/api/v1/me"
Webs = list[httpx.AsyncClient]


@pytest.fixture
async def alone(database_url: str, tmp_path: Path) -> AsyncIterator[Webs]:
    async with serving(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def sharing(
    redis: Redis, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Webs]:
    monkeypatch.setenv("REDIS_URL", redis.url)
    async with serving(database_url, tmp_path) as made:
        yield made


@pytest.fixture(params=["alone", "sharing"])
def webs(request: pytest.FixtureRequest) -> Webs:
    made: Webs = request.getfixturevalue(request.param)
    return made


async def signed_in(web: httpx.AsyncClient, db: Database, role: str) -> dict[str, str]:
    """The Authorization header of somebody new."""
    email = f"{uuid4()}@example.org"
    await in_browser_as(db, role, email=email)
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    answer = await web.post("/api/v1/auth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def statuses(webs: Webs, headers: dict[str, str], path: str = ME) -> list[int]:
    return [(await web.get(path, headers=headers)).status_code for web in webs]


async def test_signing_out_counts_on_the_next_request_everywhere(webs: Webs, db: Database) -> None:
    headers = await signed_in(webs[0], db, "customer")
    for _ in range(2):
        assert await statuses(webs, headers) == [200, 200]
    assert (await webs[0].post("/api/v1/auth/logout", headers=headers)).status_code == 204
    assert await statuses(webs, headers) == [401, 401]


async def test_a_role_that_is_taken_counts_on_the_next_request_everywhere(webs: Webs, db: Database) -> None:
    admin = await signed_in(webs[0], db, "admin")
    manager = await signed_in(webs[0], db, "manager")
    products = "/api/v1/staff/products"
    assert await statuses(webs, manager, products) == [200, 200]
    id = (await webs[1].get(ME, headers=manager)).json()["id"]
    user = f"/api/v1/staff/users/{id}"
    version = {"If-Match": (await webs[0].get(user, headers=admin)).headers["ETag"]}
    taken = await webs[0].put(f"{user}/roles", json={"roles": ["customer"]}, headers=admin | version)
    assert taken.status_code == 200, taken.text
    assert await statuses(webs, manager, products) == [403, 403]


async def test_a_profile_that_is_changed_is_shown_everywhere(webs: Webs, db: Database) -> None:
    headers = await signed_in(webs[0], db, "customer")
    await statuses(webs, headers)
    await webs[0].put(ME, json={"name": "Ada", "locale": "ru"}, headers=headers)
    assert [(await web.get(ME, headers=headers)).json()["name"] for web in webs] == ["Ada", "Ada"]


async def test_a_lost_redis_ends_nobodys_session_and_keeps_none_alive(
    redis: Redis, sharing: Webs, db: Database
) -> None:
    headers, other = [await signed_in(web, db, "customer") for web in sharing]
    assert await statuses(sharing, headers) == [200, 200]
    redis.stop()
    assert await statuses(sharing, headers) == [200, 200]
    assert await statuses(sharing, other) == [200, 200]
    assert (await sharing[1].post("/api/v1/auth/logout", headers=headers)).status_code == 204
    assert await statuses(sharing, headers) == [401, 401]


async def test_redis_is_asked_in_the_place_of_postgresql(sharing: Webs, db: Database) -> None:
    """For some seconds; what is ended behind its back is over then, too."""
    headers = await signed_in(sharing[0], db, "customer")
    assert await statuses(sharing, headers) == [200, 200]
    await sql(db, "UPDATE user_session SET ended_at = now()")
    assert await statuses(sharing, headers) == [200, 200]
    await sql(db, "SELECT pg_sleep(5.2)")
    assert await statuses(sharing, headers) == [401, 401]
