"""The networks that passwords to be hashed come from share a queue."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from apps.accounts.passwords.fair_queue import FairQueue
from apps.accounts.passwords.hashing import QUEUE
from apps.core.db.database import Database
from apps.core.errors import Busy
from apps.core.security.networks import asking_network
from tests.accounts.hash_queue import nobody_served, wait_for_queue
from tests.conftest import free_port
from tests.kernel.processes import Processes

pytestmark = pytest.mark.anyio
TOKEN = "/api/v1/auth/token"
CROWD, OTHER = "203.0.113.7", "198.51.100.9"


@asynccontextmanager
async def behind_our_proxy(database_url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    started = Processes(database_url, folder)
    try:
        web = await started.web(port=free_port())
        async with httpx.AsyncClient(base_url=web.url, timeout=60, trust_env=False) as client:
            yield client
    finally:
        started.stop()


async def sign_in(client: httpx.AsyncClient, network: str) -> int:
    form = {"grant_type": "password", "username": "gull@example.org", "password": "some long wrong words"}
    return (await client.post(TOKEN, data=form, headers={"X-Forwarded-For": network})).status_code


async def test_a_crowd_from_one_network_keeps_nobody_elsewhere_out(
    db: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
    async with behind_our_proxy(database_url, tmp_path) as client:
        crowd = [asyncio.ensure_future(sign_in(client, CROWD)) for _ in range(60)]
        await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
        others = await asyncio.gather(*(sign_in(client, OTHER) for _ in range(4)))
        answered = Counter(await asyncio.gather(*crowd))
    assert others == [400] * 4
    assert answered[503] > 0
    assert answered[400] >= QUEUE.most_of_one


class TestFairQueue:
    """Two threads, of which each test decides when they begin."""

    @pytest.fixture
    def queue(self, monkeypatch: pytest.MonkeyPatch) -> FairQueue:
        made = FairQueue(at_once=2, most=6, most_of_one=4)
        monkeypatch.setattr("tests.accounts.hash_queue.QUEUE", made)
        return made

    async def test_the_next_place_goes_round_the_networks(self, queue: FairQueue) -> None:
        served: list[bytes] = []
        async with nobody_served():
            asked = [ask(queue, network, served) for network in (b"a", b"a", b"a", b"b", b"b", b"c")]
            await wait_for_queue(6)
        await asyncio.gather(*asked)
        assert set(served[:4]) == {b"a", b"b", b"c"}  # of two threads one may be late to tell

    async def test_one_network_has_a_part_of_it(self, queue: FairQueue) -> None:
        async with nobody_served():
            asked = [ask(queue, b"a", []) for _ in range(5)]
            with pytest.raises(Busy):
                await asked[-1]
            await wait_for_queue(4)
        await asyncio.gather(*asked[:-1])
        await ask(queue, b"a", [])

    async def test_whoever_has_most_makes_room_for_another(self, queue: FairQueue) -> None:
        async with nobody_served():
            asked = [ask(queue, network, []) for network in (b"a", b"a", b"a", b"b", b"b", b"c")]
            await wait_for_queue(6)
            newcomer = ask(queue, b"d", [])
            with pytest.raises(Busy):
                await asked[2]
            with pytest.raises(Busy):
                await ask(queue, b"b", [])
        await asyncio.gather(newcomer, *(each for each in asked if each is not asked[2]))

    async def test_who_goes_away_holds_up_nobody(self, queue: FairQueue) -> None:
        async with nobody_served():
            gone, stays = ask(queue, b"a", []), ask(queue, b"a", [])
            await wait_for_queue(2)
            gone.cancel()
        await stays
        assert not queue.waiting
        assert not queue._places

    async def test_what_fails_raises_and_leaves(self, queue: FairQueue) -> None:
        with pytest.raises(ZeroDivisionError):
            await queue.run(lambda: 1 // 0)
        assert not queue._places


def ask(queue: FairQueue, network: bytes, served: list[bytes]) -> "asyncio.Task[None]":
    async def asking() -> None:
        asking_network.set(network)
        await queue.run(served.append, network)

    return asyncio.ensure_future(asking())
