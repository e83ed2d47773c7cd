"""Limits over two real web processes: exactly so many requests are admitted, whoever they arrive at."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from apps.checkout.limits import CART_CHANGES, CHECKOUTS
from apps.core.db.database import Database
from apps.shop.controllers import SEARCHES
from tests.conftest import free_port
from tests.factories import make_tickets
from tests.journeys.customer import sql
from tests.kernel.processes import Processes

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("limits_are_on")]


@pytest.fixture
def limits_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "on")


@asynccontextmanager
async def webs(database_url: str, folder: Path, *, number: int) -> AsyncIterator[list[httpx.AsyncClient]]:
    started = Processes(database_url, folder)
    try:
        processes = await asyncio.gather(*(started.web(port=free_port()) for _ in range(number)))
        clients = [httpx.AsyncClient(base_url=each.url, timeout=60, trust_env=False) for each in processes]
        yield clients
        for client in clients:
            await client.aclose()
    finally:
        started.stop()


async def test_two_processes_admit_exactly_what_the_limit_says(db: Database, database_url: str, tmp_path: Path) -> None:
    body = {"email": "fan@example.org", "lines": []}  # refused with 422: what fails counts as well
    async with webs(database_url, tmp_path, number=2) as clients:
        asked = (clients[n % 2].post("/api/v1/checkout", json=body) for n in range(3 * CHECKOUTS.most))
        answers = await asyncio.gather(*asked)
    assert Counter(each.status_code for each in answers) == {422: CHECKOUTS.most, 429: 2 * CHECKOUTS.most}
    assert {each.headers["ratelimit-policy"] for each in answers} == {'"checkout";q=30;w=60'}
    left = sorted(int(each.headers["ratelimit"].split(";")[1][2:]) for each in answers)
    assert left == [0] * 2 * CHECKOUTS.most + list(range(CHECKOUTS.most))
    refused = next(each for each in answers if each.status_code == 429)
    assert refused.json()["type"] == "urn:backline:problem:too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 60


async def test_what_is_refused_takes_no_place(db: Database, database_url: str, tmp_path: Path) -> None:
    async with db.begin() as session:
        offer = (await make_tickets(session, 1000, max_per_order=1000)).id
    async with webs(database_url, tmp_path, number=1) as (client,):
        asked = (client.post("/api/v1/cart/lines", json={"offer": str(offer)}) for _ in range(CART_CHANGES.most + 20))
        answers = await asyncio.gather(*asked)
    assert Counter(each.status_code for each in answers) == {201: CART_CHANGES.most, 429: 20}
    assert (await sql(db, "SELECT sum(reserved) FROM pool"))[0][0] == CART_CHANGES.most


class TestProxies:
    """Who asks is what a proxy says, if it is one of ours."""

    async def seen(self, database_url: str, folder: Path, db: Database) -> int:
        """As how many callers three requests were counted that name three addresses."""
        async with webs(database_url, folder, number=1) as (client,):
            for n in range(3):
                named = {"X-Forwarded-For": f"203.0.113.{n}"}
                assert (await client.get("/api/v1/orders/A?key=none", headers=named)).status_code == 404
        return len(await sql(db, "SELECT * FROM rate_count"))

    async def test_a_stranger_is_not_believed(self, db: Database, database_url: str, tmp_path: Path) -> None:
        assert await self.seen(database_url, tmp_path, db) == 1

    async def test_our_own_proxy_is(
        self, db: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8 127.0.0.1")
        assert await self.seen(database_url, tmp_path, db) == 3


async def test_looking_for_words_is_limited_and_looking_around_is_not(database_url: str, tmp_path: Path) -> None:
    async with webs(database_url, tmp_path, number=1) as (client,):
        asked = (client.get("/api/v1/products", params={"q": f"word{n}"}) for n in range(SEARCHES.most + 5))
        answers = await asyncio.gather(*asked)
        assert (await client.get("/api/v1/products")).status_code == 200
    assert Counter(each.status_code for each in answers) == {200: SEARCHES.most, 429: 5}
    assert all("ratelimit" in each.headers for each in answers)
