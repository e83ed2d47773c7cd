"""Webhooks that come together are one transaction, and no one of them holds up the others."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, reserved, sql
from tests.journeys.test_webhooks import event, post
from tests.kernel.books import mistakes
from tests.queries import counting

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 100)).id


async def ordered(customer: Customer, ticket: object, count: int) -> list[tuple[dict, dict]]:
    """Orders and their payments, which wait for the provider's word."""
    orders = [await customer.order_at_once(ticket, 2, email=f"fan-{uuid4().hex}@example.org") for _ in range(count)]
    return [(order, await customer.start_payment(order)) for order in orders]


async def told(customer: Customer, payments: Sequence[dict]) -> list[httpx.Response]:
    """All at the same moment."""
    return await asyncio.gather(*(post(customer, event(payment, "confirmed")) for payment in payments))


async def states(customer: Customer, orders: Sequence[dict]) -> list[tuple[str, int]]:
    """Of each order, and how many tickets it has."""
    read = [await customer.order(order) for order in orders]
    return [(order["state"], len(order.get("parts", ()))) for order in read]


async def test_they_pay_and_deliver_without_any_job(customer: Customer, db: Database, ticket: object) -> None:
    made = await ordered(customer, ticket, 12)
    answers = await told(customer, [payment for _order, payment in made])
    assert {answer.status_code for answer in answers} == {200}
    assert await states(customer, [order for order, _payment in made]) == [("paid", 2)] * 12
    assert await reserved(db, ticket) == [24]
    assert {row.entrypoint for row in await sql(db, "SELECT entrypoint FROM pgqueuer")} == {"checkout.mail_delivered"}
    assert await mistakes(db, done=False) == []


async def test_many_are_not_more_statements(customer: Customer, ticket: object) -> None:
    made = await ordered(customer, ticket, 23)
    counts = []
    for some in (made[:1], made[1:2], made[2:]):
        with counting() as sent:
            await told(customer, [payment for _order, payment in some])
        counts.append(len(sent))
    assert counts[2] <= 2 * counts[1], "the first to come is a batch, and all others are the next"


async def test_whose_order_somebody_has_locked_is_left_to_a_job(
    customer: Customer, db: Database, ticket: object
) -> None:
    (locked, first), (free, second) = await ordered(customer, ticket, 2)
    async with db.transaction() as connection:
        found = f"SELECT 1 FROM orders WHERE number = '{locked['number']}' FOR UPDATE"
        await connection.exec_driver_sql(found)
        answers = await told(customer, [first, second])
        assert {answer.status_code for answer in answers} == {200}
        assert await states(customer, [free]) == [("paid", 2)]
        assert await sql(db, "SELECT count(*) FROM webhook_event WHERE handled_at IS NULL") == [(1,)]
    await customer.jobs()
    assert await states(customer, [locked, free]) == [("paid", 2)] * 2
    assert await mistakes(db, done=True) == []


async def test_one_that_breaks_is_kept_and_the_others_are_done(
    customer: Customer, db: Database, ticket: object
) -> None:
    made = await ordered(customer, ticket, 6)
    broken, *others = [order for order, _payment in made]
    ((id,),) = await sql(db, "SELECT id FROM orders WHERE number = :number", number=broken["number"])
    await sql(db, f"ALTER TABLE ticket ADD CONSTRAINT no_more CHECK (order_id <> '{id}')")
    answers = await told(customer, [payment for _order, payment in made])
    assert {answer.status_code for answer in answers} == {200}
    assert await states(customer, [broken, *others]) == [("pending", 0), *[("paid", 2)] * 5]
    await sql(db, "ALTER TABLE ticket DROP CONSTRAINT no_more")
    await customer.jobs()
    assert await states(customer, [broken]) == [("paid", 2)]
    assert await mistakes(db, done=True) == []


async def test_two_payments_of_one_order_told_together_pay_it_once(
    customer: Customer, db: Database, ticket: object
) -> None:
    ((order, first),) = await ordered(customer, ticket, 1)
    await sql(db, "UPDATE payment SET state = 'cancelled'")
    second = await customer.start_payment(order)
    await told(customer, [first, second])
    await customer.jobs()
    assert await states(customer, [order]) == [("paid", 2)]
    assert await sql(db, "SELECT amount FROM refund") == [(6000,)]
