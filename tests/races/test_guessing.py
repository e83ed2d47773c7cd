"""A thousand guesses at once, over two web processes of which one is killed: no more are looked at than the limit."""

import asyncio
from pathlib import Path

import httpx
import pytest

from apps.accounts.sessions.limits import PASSWORD_TRIES
from apps.core.db.database import Database
from tests.conftest import free_port
from tests.journeys.customer import sql
from tests.kernel.processes import Process, Processes
from tests.staff import in_browser_as

pytestmark = pytest.mark.anyio
TOKEN = "/api/v1/auth/token"
EMAIL, PASSWORD = "fan@example.org", "seven gulls over the harbour"
AT_ONCE = 64
LOOKED_AT, LET_IN, TOO_MANY, BUSY, CUT_OFF = 400, 200, 429, 503, 0


class Crowd:
    """Guesses from one place, at whichever process it is told."""

    def __init__(self, address: str) -> None:
        transport = httpx.AsyncHTTPTransport(local_address=address, limits=httpx.Limits(max_connections=AT_ONCE))
        self.client = httpx.AsyncClient(timeout=60, trust_env=False, transport=transport)
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def guess(self, process: Process, password: str = "a wrong guess at it", **more: str) -> int:
        form = {"grant_type": "password", "username": EMAIL, "password": password, **more}
        async with self.turns:
            try:
                return (await self.client.post(f"{process.url}{TOKEN}", data=form)).status_code
            except httpx.HTTPError:
                return CUT_OFF


async def test_exactly_the_limit_is_looked_at(
    database_url: str, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMITS", "on")
    await in_browser_as(db, "customer", email=EMAIL)
    started = Processes(database_url, tmp_path)
    crowd, owner = Crowd("127.0.0.1"), Crowd("127.0.0.2")
    try:
        site = f"http://127.0.0.1:{free_port()}"
        first, second = await asyncio.gather(*(started.web(port=free_port(), BASE_URL=site) for _ in range(2)))
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        known = (await owner.client.post(f"{first.url}{TOKEN}", data=form)).json()["device_token"]
        guesses = [asyncio.create_task(crowd.guess((first, second)[n % 2])) for n in range(500)]
        await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
        second.kill()
        await asyncio.wait(guesses)
        third = await started.web(port=free_port(), BASE_URL=site)
        guesses += [asyncio.create_task(crowd.guess((first, third)[n % 2])) for n in range(500)]
        statuses = await asyncio.gather(*guesses)
        assert LET_IN not in statuses
        (looked_at,) = await sql(db, "SELECT count(*) FROM sign_in WHERE result = 'wrong_password'")
        assert 0 < statuses.count(LOOKED_AT) <= looked_at[0] <= PASSWORD_TRIES.from_one_place.most
        assert await crowd.guess(first) == TOO_MANY
        assert await owner.guess(third, PASSWORD, device_token=known) == LET_IN
    finally:
        await asyncio.gather(crowd.client.aclose(), owner.client.aclose())
        started.stop()
