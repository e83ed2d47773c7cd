"""A database that is away, full, restarting or slow is "try again in a moment" everywhere, never a failure of ours."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from apps.accounts.sessions.browser import SESSION
from apps.backoffice.urls import PATH
from apps.core.db.database import Database, Patience
from apps.core.db.errors import DatabaseAway, is_away, refusal_of
from apps.core.errors import Busy
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from project.settings import settings
from tests.core.unsteady import Way, unsteady
from tests.factories import make_tickets
from tests.journeys.conftest import serving
from tests.journeys.customer import Customer, sql
from tests.staff import in_browser_as, signed_in_as

pytestmark = pytest.mark.anyio


WRITING = ("lines", "checkout", "webhook", "categories")


@dataclass
class Site:
    """A server whose way to the database is unsteady, and the requests of those who use it."""

    way: Way
    db: Database
    client: httpx.AsyncClient
    requests: list[httpx.Request]

    async def answers(self) -> dict[str, httpx.Response]:
        return {f"{each.method} {each.url.path}": await self.client.send(each) for each in self.requests}


@pytest.fixture
async def site(database_url: str, db: Database) -> AsyncIterator[Site]:
    client = httpx.AsyncClient(base_url=settings.base_url, timeout=30, trust_env=False)
    async with unsteady(database_url) as way, serving(way.url), client:
        yield Site(way, db, client, await requests_to(client, db))


async def requests_to(client: httpx.AsyncClient, db: Database) -> list[httpx.Request]:
    async with db.begin() as session:
        offer = (await make_tickets(session, 10)).id
    order = await Customer(client, db).order_at_once(offer)
    staff = await signed_in_as(db, "manager")
    cookie = await in_browser_as(db, "manager", email="office@example.org")
    staff_api = {"Cookie": f"{SESSION}={cookie}", "Origin": settings.base_url}
    number, key, line = order["number"], order["key"], {"offer": str(offer), "quantity": 1}
    event = msgspec.json.encode(EventBody("evt_1", "payment.failed", uuid4(), 1000, "EUR"))
    signed = {HEADER: signature(event, at=int(time.time()))}
    return [
        client.build_request("GET", "/"),
        client.build_request("GET", f"/orders/{number}?key={key}"),
        client.build_request("GET", "/api/v1/products"),
        client.build_request("GET", f"/api/v1/orders/{number}?key={key}"),
        client.build_request("POST", "/api/v1/cart/lines", json=line),
        client.build_request("POST", "/api/v1/checkout", json={"email": "a@example.org", "lines": [line]}),
        client.build_request("POST", f"/api/v1/orders/{number}/payments?key={key}", json={"provider": "demo"}),
        client.build_request("POST", f"/api/v1/orders/{number}/cancel?key={key}"),
        client.build_request("POST", "/api/v1/payments/demo/webhook", content=event, headers=signed),
        client.build_request("GET", "/api/v1/staff/orders", headers=staff),
        client.build_request("POST", "/api/v1/staff/categories", json={"title": "Hats", "slug": "hats"}, headers=staff),
        client.build_request("GET", f"{PATH}/", headers=staff_api),
        client.build_request("GET", f"{PATH}/order/list", headers=staff_api),
        client.build_request("GET", "/account/devices", headers=staff_api),
    ]


def assert_told_to_come_again(answers: dict[str, httpx.Response]) -> None:
    assert {name: each.status_code for name, each in answers.items()} == dict.fromkeys(answers, 503)
    for name, answer in answers.items():
        assert answer.headers["Retry-After"] == "1", name
        if "/api/" in name:
            assert answer.json()["type"] == "urn:backline:problem:busy"
        else:
            assert answer.headers["Content-Type"].startswith("text/html")
            assert "This cannot be done right now. Please try again in a moment." in answer.text


def assert_as_ever(answers: dict[str, httpx.Response]) -> None:
    """What is looked at is there, a cart is filled, and the rest is done or was done before."""
    told = {name: each.status_code for name, each in answers.items()}
    assert {status for name, status in told.items() if name.startswith("GET ")} == {200}, told
    assert told["POST /api/v1/cart/lines"] == 201
    assert set(told.values()) <= {200, 201, 400, 409}, told


async def test_a_database_that_is_away(site: Site) -> None:
    assert_as_ever(await site.answers())
    site.way.close()
    assert_told_to_come_again(await site.answers())
    await site.way.open()
    assert_as_ever(await site.answers())


async def test_all_its_connections_are_taken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(**_: object) -> None:
        raise asyncpg.TooManyConnectionsError("sorry, too many clients already")

    site.way.cut()
    monkeypatch.setattr(asyncpg, "connect", refuse)
    assert_told_to_come_again(await site.answers())


async def test_sessions_that_hang_are_given_up(site: Site) -> None:
    """Each is one answer that does not come; who asks next has a new one."""
    assert_as_ever(await site.answers())
    site.way.freeze()
    meanwhile = {each.status_code for each in (await site.answers()).values()}
    assert 503 in meanwhile
    assert meanwhile <= {200, 201, 303, 400, 409, 503}
    assert_as_ever(await site.answers())


async def test_all_our_own_connections_are_in_use(db: Database) -> None:
    small = Database(db.url, pool_size=3, patience=Patience(connection=0.1, lock=1, statement=1))
    async with small.reads(), small.begin() as session, small.begin() as other:
        await session.execute(text("SELECT 1"))
        await other.execute(text("SELECT 1"))
        for taking in (small.reads, small.statements, small.transaction):
            with pytest.raises((TimeoutError, PoolTimeout)) as refused:
                async with taking():
                    pass
            assert isinstance(refusal_of(refused.value), Busy)
    async with small.reads() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await small.close()


@pytest.mark.parametrize(
    ("state", "is_at_commit"),
    [
        ("disk_full", False),
        ("disk_full", True),
        ("out_of_memory", False),
        ("io_error", False),
        ("read_only_sql_transaction", False),
        ("deadlock_detected", True),
        ("query_canceled", False),
    ],
)
async def test_what_cannot_be_written(site: Site, state: str, is_at_commit: bool) -> None:
    await sql(
        site.db,
        f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$""",
    )
    kind, deferred = ("CONSTRAINT", "DEFERRABLE INITIALLY DEFERRED") if is_at_commit else ("", "")
    for table in ("idempotency_record", "webhook_event", "category"):
        moment = "AFTER INSERT" if is_at_commit else "BEFORE INSERT"
        await sql(
            site.db,
            f"CREATE {kind} TRIGGER refuse {moment} ON {table} {deferred} FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
    answers = await site.answers()
    writing = {name: each for name, each in answers.items() if name.split("/")[-1] in WRITING}
    assert len(writing) == len(WRITING)
    assert_told_to_come_again(writing)


@pytest.mark.parametrize(
    "error",
    [
        DatabaseAway("refused"),
        PoolTimeout("all taken"),
        PendingRollbackError("lost in the middle"),
        ConnectionResetError(),
        TimeoutError(),
        ExceptionGroup("two dependencies", [asyncpg.DiskFullError("")]),
    ],
)
async def test_however_it_is_told(error: Exception) -> None:
    cause = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    assert isinstance(refusal_of(cause), Busy)


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(), TimeoutError(), ValueError(), asyncpg.QueryCanceledError("")]
)
async def test_what_may_be_the_jobs_own_fault_is_not_the_databases(error: Exception) -> None:
    assert not is_away(error)
