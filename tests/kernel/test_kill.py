"""kill -9 between placing and delivery: after a restart the order is paid and delivered once, or expired and free."""

import asyncio

import httpx
import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from tests.factories import make_tickets
from tests.journeys.customer import Customer, hurry_jobs, mails_about, make_overdue, reserved, sql
from tests.kernel.books import mistakes
from tests.kernel.processes import (
    Processes,
    forget_the_dead,
    nothing_is_queued,
    somebody_waits,
    standing_in_the_way,
    until,
)
from tests.parts import tickets_of

pytestmark = pytest.mark.anyio
ONE_KEY = "one-checkout-of-one-buyer"


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10)).id


async def assert_delivered_once(customer: Customer, order: dict, offer: object) -> None:
    paid = await customer.order(order)
    assert (paid["state"], len(tickets_of(paid))) == ("paid", 2)
    assert await sql(customer.db, "SELECT units, state FROM hold") == [(2, "sold")]
    assert await reserved(customer.db, offer) == [2]
    assert len(mails_about(order)) == len(await sql(customer.db, "SELECT * FROM mail")) == 1
    assert await mistakes(customer.db, done=True) == []


class TestWeb:
    async def test_killed_after_every_step(self, processes: Processes, customer: Customer, ticket: object) -> None:
        web = await processes.web()
        order = await customer.order_at_once(ticket, 2)
        web.kill()
        web = await processes.web()
        assert (await customer.order(order))["state"] == "pending"
        payment = await customer.start_payment(order)
        web.kill()
        web = await processes.web()
        assert await customer.start_payment(order) == payment
        await customer.at_provider(payment, "pay")
        web.kill()
        await processes.web()
        await customer.jobs()
        await assert_delivered_once(customer, order, ticket)

    async def test_killed_while_placing(
        self, processes: Processes, customer: Customer, db: Database, ticket: object
    ) -> None:
        web = await processes.web()
        async with standing_in_the_way(db, "SELECT * FROM pool FOR UPDATE"):
            placing = asyncio.create_task(customer.order_at_once(ticket, 2, key=ONE_KEY))
            await until(lambda: somebody_waits(db))
            web.kill()
            with pytest.raises(httpx.HTTPError):
                await placing
        web = await processes.web()
        assert (await reserved(db, ticket), await sql(db, "SELECT * FROM orders")) == ([0], [])
        order = await customer.order_at_once(ticket, 2, key=ONE_KEY)
        assert await customer.order_at_once(ticket, 2, key=ONE_KEY) == order
        await customer.pay(order)
        await assert_delivered_once(customer, order, ticket)

    @pytest.mark.parametrize("comes_back", [True, False])
    async def test_killed_while_opening_the_payment(
        self, processes: Processes, customer: Customer, db: Database, ticket: object, comes_back: bool
    ) -> None:
        web = await processes.web()
        order = await customer.order_at_once(ticket, 2)
        async with standing_in_the_way(db, "LOCK TABLE demo_checkout IN ACCESS EXCLUSIVE MODE"):
            paying = asyncio.create_task(customer.start_payment(order))
            await until(lambda: somebody_waits(db))
            web.kill()
            with pytest.raises(httpx.HTTPError):
                await paying
        await processes.web()
        assert (await customer.order(order))["payment"] == "created"
        if comes_back:
            await customer.pay(order)
            assert len(await sql(db, "SELECT * FROM payment")) == 1
            await assert_delivered_once(customer, order, ticket)
        else:
            await make_overdue(db, order)
            await customer.by_the_clock("checkout.expire_unpaid")
            assert ((await customer.order(order))["state"], await reserved(db, ticket)) == ("expired", [0])

    async def test_killed_while_it_takes_the_webhook(
        self, processes: Processes, customer: Customer, db: Database, ticket: object
    ) -> None:
        web = await processes.web()
        order = await customer.order_at_once(ticket, 2)
        await customer.at_provider(await customer.start_payment(order), "pay")
        async with standing_in_the_way(db, "LOCK TABLE webhook_event IN ACCESS EXCLUSIVE MODE"):
            telling = asyncio.create_task(customer.jobs())
            await until(lambda: somebody_waits(db))
            web.kill()
            await telling
        await processes.web()
        assert (await customer.order(order))["state"] == "pending"
        await hurry_jobs(db)
        await customer.jobs()
        await assert_delivered_once(customer, order, ticket)


@pytest.mark.usefixtures("server")
class TestWorker:
    @pytest.mark.parametrize(
        "lock",
        [
            pytest.param("LOCK TABLE webhook_event IN ACCESS EXCLUSIVE MODE", id="telling the shop"),
            pytest.param("SELECT * FROM payment FOR UPDATE", id="understanding"),
            pytest.param("SELECT * FROM orders FOR UPDATE", id="settling"),
            pytest.param("SELECT * FROM hold FOR UPDATE", id="delivering"),
            pytest.param("LOCK TABLE mail IN SHARE MODE", id="mailing"),
        ],
    )
    async def test_killed_in_the_middle_of(
        self, processes: Processes, customer: Customer, db: Database, ticket: object, lock: str
    ) -> None:
        order = await customer.order_at_once(ticket, 2)
        await customer.at_provider(await customer.start_payment(order), "pay")
        async with standing_in_the_way(db, lock):
            worker = processes.worker()
            await until(lambda: somebody_waits(db))
            worker.kill()
        await forget_the_dead(db)
        processes.worker()
        await until(lambda: nothing_is_queued(db))
        await assert_delivered_once(customer, order, ticket)

    async def test_killed_while_it_lets_an_order_expire(
        self, processes: Processes, customer: Customer, db: Database, ticket: object
    ) -> None:
        order = await customer.order_at_once(ticket, 2)
        await customer.start_payment(order)
        await make_overdue(db, order)
        await JOBS["checkout.expire_unpaid"].run(db, None)
        async with standing_in_the_way(db, "SELECT * FROM hold FOR UPDATE"):
            worker = processes.worker()
            await until(lambda: somebody_waits(db))
            worker.kill()
        assert (await customer.order(order))["state"] == "pending"
        await forget_the_dead(db)
        processes.worker()
        await until(lambda: nothing_is_queued(db))
        assert ((await customer.order(order))["state"], await reserved(db, ticket)) == ("expired", [0])
