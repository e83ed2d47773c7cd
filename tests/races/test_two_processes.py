"""The same races against two real web processes on one database, over HTTP."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from apps.core.db.database import Database
from tests.conftest import free_port
from tests.factories import make_tickets
from tests.journeys.customer import Customer, reserved, sql
from tests.kernel.books import mistakes, over_share
from tests.kernel.processes import Processes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def webs(database_url: str, tmp_path: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with serving(database_url, tmp_path) as clients:
        yield clients


@asynccontextmanager
async def serving(database_url: str, folder: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    started = Processes(database_url, folder)
    try:
        processes = await asyncio.gather(*(started.web(port=free_port()) for _ in range(2)))
        clients = [httpx.AsyncClient(base_url=each.url, timeout=60, trust_env=False) for each in processes]
        yield clients
        for client in clients:
            await client.aclose()
    finally:
        started.stop()


async def test_two_processes_sell_exactly_what_there_is_and_one_order_a_cart(
    webs: list[httpx.AsyncClient], db: Database
) -> None:
    async with db.begin() as session:
        offer = (await make_tickets(session, 60)).id
    body = {"email": "fan@example.org", "lines": [{"offer": str(offer)}]}
    answers = await asyncio.gather(*(webs[n % 2].post("/api/v1/checkout", json=body) for n in range(300)))
    codes = [answer.status_code for answer in answers]
    assert (codes.count(201), codes.count(409)) == (60, 240)
    assert await reserved(db, offer) == [60]
    assert len(await sql(db, "SELECT DISTINCT number FROM orders")) == 60
    assert await mistakes(db, done=False) == []


async def test_one_network_holds_its_share_and_not_one_more(
    database_url: str, tmp_path: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each pool, and over all of them, whichever process is asked."""
    for name, units in (("HELD_PER_NETWORK", "20"), ("HELD_PER_NETWORK_IN_ALL", "50")):
        monkeypatch.setenv(name, units)
    async with db.begin() as session:
        hot, *others = [(await make_tickets(session, 100)).id for _ in range(5)]
    async with serving(database_url, tmp_path) as webs:
        of_one = await asyncio.gather(*(hold(webs[n % 2], hot) for n in range(60)))
        of_all = await asyncio.gather(*(hold(webs[n % 2], others[n // 2 % 4]) for n in range(120)))
    assert (Counter(of_one), Counter(of_all)) == ({201: 20, 409: 40}, {201: 30, 409: 90})
    assert await reserved(db, hot) == [20]
    assert await over_share(db, of_pool=20, in_all=50) == []
    assert await mistakes(db, done=False) == []


async def hold(web: httpx.AsyncClient, offer: UUID) -> int:
    """A new cart's, without a token; the status."""
    return (await web.post("/api/v1/cart/lines", json={"offer": str(offer)})).status_code


async def test_a_cart_checked_out_at_both_processes_is_one_order(webs: list[httpx.AsyncClient], db: Database) -> None:
    async with db.begin() as session:
        offer = (await make_tickets(session, 60)).id
    for _ in range(5):
        left, right = Customer(webs[0], db), Customer(webs[1], db)
        await left.add(offer, 2)
        right.token = left.token
        answers = await asyncio.gather(*(each.check_out() for each in (left, right) * 4))
        assert len({answer["number"] for answer in answers}) == 1
    assert await reserved(db, offer) == [10]
    assert await mistakes(db, done=False) == []


async def test_one_idempotency_key_at_both_processes_is_one_order(webs: list[httpx.AsyncClient], db: Database) -> None:
    async with db.begin() as session:
        offer = (await make_tickets(session, 60)).id
    customers = [Customer(webs[n % 2], db) for n in range(8)]
    for n in range(5):
        key = f"one-attempt-of-a-buyer-{n}"
        answers = await asyncio.gather(*(each.order_at_once(offer, 2, key=key) for each in customers))
        assert len({answer["number"] for answer in answers}) == 1
    assert await reserved(db, offer) == [10]
