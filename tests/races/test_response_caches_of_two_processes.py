"""Two web processes that keep their answers, and share them when there is a Redis."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from apps.core.db.database import Database
from tests.conftest import free_port
from tests.factories import make_concert, make_pool, make_ticket_type
from tests.journeys.customer import Customer, sql
from tests.kernel.processes import Processes, until

pytestmark = pytest.mark.anyio


class Redis:
    """A redis-server of this test's own, on a socket in a folder of its own."""

    def __init__(self, folder: str) -> None:
        socket = f"{folder}/redis.sock"
        self.url = f"unix://{socket}"
        command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    with TemporaryDirectory(prefix="backline-redis-") as folder:
        started = Redis(folder)
        yield started
        started.stop()


@asynccontextmanager
async def serving(database_url: str, folder: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    started = Processes(database_url, folder)
    try:
        site = f"http://127.0.0.1:{free_port()}"
        processes = await asyncio.gather(*(started.web(port=free_port(), BASE_URL=site) for _ in range(2)))
        clients = [httpx.AsyncClient(base_url=each.url, timeout=60, trust_env=False) for each in processes]
        yield clients
        for client in clients:
            await client.aclose()
    finally:
        started.stop()


@pytest.fixture
async def webs(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[httpx.AsyncClient]]:
    monkeypatch.setenv("RESPONSE_CACHE_MB", "8")
    async with serving(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def sharing(
    redis: Redis, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[httpx.AsyncClient]]:
    monkeypatch.setenv("RESPONSE_CACHE_MB", "8")
    monkeypatch.setenv("REDIS_URL", redis.url)
    async with serving(database_url, tmp_path) as made:
        yield made


class Ticket:
    def __init__(self, db: Database, offer: UUID, path: str) -> None:
        self.db, self.offer, self.path = db, offer, path

    async def reprice(self, price: int) -> None:
        await sql(self.db, "UPDATE offer_price SET amount = :price", price=price)

    async def reprice_in_secret(self, price: int) -> None:
        """No trigger tells of it: whoever shows it has asked the database."""
        await self._in_secret("UPDATE offer_price SET amount = :price", price=price)

    async def sell_out_in_secret(self) -> None:
        await self._in_secret("UPDATE pool SET reserved = capacity")

    async def _in_secret(self, statement: str, **values: int) -> None:
        async with self.db.transaction() as connection:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            await connection.execute(text(statement), values)

    async def shown(self, web: httpx.AsyncClient, query: str = "") -> int:
        return self.price_in(await web.get(self.path + query))

    @staticmethod
    def price_in(answer: httpx.Response) -> int:
        return answer.json()["ticket_types"][0]["price"]

    async def shown_at_all(self, webs: list[httpx.AsyncClient], price: int) -> bool:
        return [await self.shown(web) for web in webs] == [price] * len(webs)


@pytest.fixture
async def ticket(db: Database) -> Ticket:
    async with db.begin() as session:
        concert = await make_concert(session)
        pool = await make_pool(session, 100)
        offer = await make_ticket_type(session, {pool.id: 1}, concert=concert, price=3000)
    return Ticket(db, offer.id, f"/api/v1/concerts/{concert.slug}")


async def keeps(web: httpx.AsyncClient, ticket: Ticket) -> bool:
    """Whether what it answered is still answered after a change that nobody tells of."""
    before = await ticket.shown(web)
    await ticket.reprice_in_secret(before + 1)
    return await ticket.shown(web) == before


async def all_keep(webs: list[httpx.AsyncClient], ticket: Ticket) -> None:
    for web in webs:
        await until(lambda web=web: keeps(web, ticket))


async def test_a_change_is_seen_at_every_process_within_a_second(webs: list[httpx.AsyncClient], ticket: Ticket) -> None:
    await all_keep(webs, ticket)
    for price in (4000, 5000, 6000):
        await ticket.reprice(price)
        async with asyncio.timeout(1):
            await until(lambda price=price: ticket.shown_at_all(webs, price))


async def test_what_passes_with_time_is_seen_soon(webs: list[httpx.AsyncClient], ticket: Ticket) -> None:
    await all_keep(webs, ticket)
    await ticket.reprice_in_secret(7000)
    async with asyncio.timeout(10):
        await until(lambda: ticket.shown_at_all(webs, 7000))


async def test_what_a_customer_confirms_is_never_kept(webs: list[httpx.AsyncClient], ticket: Ticket) -> None:
    await all_keep(webs, ticket)
    shown = await ticket.shown(webs[0])
    await ticket.reprice_in_secret(9900)
    customer = Customer(webs[0], ticket.db)
    assert (await customer.add(ticket.offer))["total"] == 9900
    await customer.check_out(expected_total=shown, status=409)
    assert (await customer.check_out(expected_total=9900))["total"] == 9900
    page = await webs[0].get(ticket.path.removeprefix("/api/v1"))
    signed_in = await webs[0].get(ticket.path, headers={"Authorization": "Bearer of-somebody"})
    assert ("€99.00" in page.text, ticket.price_in(signed_in)) == (True, 9900)
    await ticket.sell_out_in_secret()
    await Customer(webs[1], ticket.db).add(ticket.offer, status=409)


async def test_no_header_of_one_caller_gets_into_the_answer_of_another(
    webs: list[httpx.AsyncClient], ticket: Ticket
) -> None:
    await all_keep(webs, ticket)
    await ticket.reprice(4000)
    await until(lambda: ticket.shown_at_all(webs, 4000))
    theirs = {"Accept-Language": "ru, en;q=0.5", "Cookie": "a=b", "X-Request-ID": "of-the-first-one", "Origin": "null"}
    first = await webs[0].get(f"{ticket.path}?currency=EUR", headers=theirs)
    second = await webs[0].get(f"{ticket.path}?currency=EUR", headers={"Accept-Language": "ru-RU"})
    assert (second.content, second.headers["etag"]) == (first.content, first.headers["etag"])
    assert "set-cookie" not in second.headers
    assert "of-the-first-one" not in str(second.headers)


async def test_with_redis_an_answer_is_made_once_for_all(sharing: list[httpx.AsyncClient], ticket: Ticket) -> None:
    await until(lambda: hands_on(sharing, ticket))
    await ticket.reprice(6000)
    async with asyncio.timeout(1):
        await until(lambda: ticket.shown_at_all(sharing, 6000))


async def hands_on(sharing: list[httpx.AsyncClient], ticket: Ticket) -> bool:
    """Whether the second process answers what the first one made before a change that nobody tells of."""
    made = await ticket.shown(sharing[0], "?currency=EUR")
    await ticket.reprice_in_secret(made + 1)
    return await ticket.shown(sharing[1], "?currency=EUR") == made


async def test_without_redis_every_process_goes_on_alone(
    sharing: list[httpx.AsyncClient], ticket: Ticket, redis: Redis
) -> None:
    await all_keep(sharing, ticket)
    redis.stop()
    await ticket.reprice(4000)
    async with asyncio.timeout(2):
        await until(lambda: ticket.shown_at_all(sharing, 4000))
    await all_keep(sharing, ticket)
