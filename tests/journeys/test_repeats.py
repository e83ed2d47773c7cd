"""Requests that are sent twice: a double click, a retry after a lost answer, two tabs."""

import asyncio
from uuid import uuid4

import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.customer import Customer, reserved, sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10)).id


@pytest.fixture
def key() -> str:
    return f"attempt-{uuid4()}"


async def test_the_same_key_gets_the_same_answer(customer: Customer, db: Database, ticket: object, key: str) -> None:
    first = await customer.order_at_once(ticket, 2, key=key)
    assert await customer.order_at_once(ticket, 2, key=key) == first
    assert await reserved(db, ticket) == [2]


async def test_the_answer_stays_though_the_order_was_paid_since(
    customer: Customer, db: Database, ticket: object, key: str
) -> None:
    first = await customer.order_at_once(ticket, key=key)
    await customer.pay(first)
    assert await customer.order_at_once(ticket, key=key) == first
    assert len(await sql(db, "SELECT * FROM orders")) == 1


async def test_the_same_key_with_another_body_is_refused(
    customer: Customer, db: Database, ticket: object, key: str
) -> None:
    await customer.order_at_once(ticket, 1, key=key)
    refused = await customer.order_at_once(ticket, 2, key=key, status=422)
    assert refused["type"].endswith("idempotency-key-reused")
    assert await reserved(db, ticket) == [1]


async def test_a_refusal_is_not_kept(customer: Customer, db: Database, ticket: object, key: str) -> None:
    await sql(db, "UPDATE offer SET active = false")
    await customer.order_at_once(ticket, key=key, status=409)
    await sql(db, "UPDATE offer SET active = true")
    await customer.order_at_once(ticket, key=key)
    assert await reserved(db, ticket) == [1]


async def test_the_same_key_many_times_at_once_is_one_order(
    customer: Customer, db: Database, ticket: object, key: str
) -> None:
    answers = await asyncio.gather(*(customer.order_at_once(ticket, 2, key=key) for _ in range(8)))
    assert len({each["number"] for each in answers}) == 1
    assert await reserved(db, ticket) == [2]


async def test_without_a_key_lines_given_twice_are_two_orders(customer: Customer, db: Database, ticket: object) -> None:
    first, second = await customer.order_at_once(ticket), await customer.order_at_once(ticket)
    assert first["number"] != second["number"]
    assert await reserved(db, ticket) == [2]


async def test_a_cart_checked_out_many_times_at_once_is_one_order(
    customer: Customer, db: Database, ticket: object
) -> None:
    await customer.add(ticket, 2)
    answers = await asyncio.gather(*(customer.check_out() for _ in range(8)))
    assert len({each["number"] for each in answers}) == 1
    assert await reserved(db, ticket) == [2]
    assert (await customer.check_out())["number"] == answers[0]["number"]


async def test_the_key_works_for_carts_too(customer: Customer, ticket: object, key: str) -> None:
    headers = {"Idempotency-Key": key}
    body = {"offer": str(ticket), "quantity": 1}
    answers = [await customer.client.post("/api/v1/cart/lines", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    customer.token = answers[0].json()["token"]
    assert [line["quantity"] for line in (await customer.cart())["lines"]] == [1]


async def test_a_placed_cart_is_closed_and_the_next_thing_begins_another(
    customer: Customer, db: Database, ticket: object
) -> None:
    cart = await customer.add(ticket)
    order, token = await customer.check_out(), customer.token
    assert (cart["placed"], (await customer.cart())["placed"]) == (False, True)
    await customer.change(cart["lines"][0]["id"], 3, status=409)
    assert not (await customer.add(ticket, 2))["placed"]
    assert customer.token != token
    assert (await customer.check_out())["number"] != order["number"]
    assert await reserved(db, ticket) == [3]


async def test_a_placed_cart_is_not_ordered_by_somebody_else(customer: Customer, ticket: object) -> None:
    await customer.add(ticket)
    order = await customer.check_out()
    refused = await customer.check_out(email="other@example.org", status=409)
    assert refused["type"].endswith("cart-placed")
    assert (await customer.check_out(name="Ada", email=customer.email.upper()))["number"] == order["number"]


async def test_asking_for_the_payment_again_resumes_it(
    customer: Customer, db: Database, ticket: object, key: str
) -> None:
    order = await customer.order_at_once(ticket)
    first = await customer.start_payment(order, key=key)
    assert await customer.start_payment(order, key=key) == first
    assert await customer.start_payment(order) == first
    assert len(await sql(db, "SELECT * FROM payment")) == 1


async def test_payments_asked_for_at_once_are_one(customer: Customer, db: Database, ticket: object, key: str) -> None:
    order = await customer.order_at_once(ticket)
    answers = await asyncio.gather(*(customer.start_payment(order) for _ in range(6)))
    assert len({each["pay_url"] for each in answers}) == 1
    assert len(await sql(db, "SELECT * FROM payment")) == 1
    assert len(await sql(db, "SELECT * FROM demo_checkout")) == 1


async def test_a_payment_in_flight_is_not_started_twice_with_one_key(
    customer: Customer, db: Database, ticket: object, key: str
) -> None:
    order = await customer.order_at_once(ticket)
    await customer.start_payment(order, key=key)
    await sql(db, "UPDATE idempotency_record SET body = NULL, status = NULL WHERE lease_until > clock_timestamp()")
    refused = await customer.start_payment(order, key=key, status=409)
    assert refused["type"].endswith("request-in-flight")
    await sql(
        db, "UPDATE idempotency_record SET lease_until = clock_timestamp() - interval '1 second' WHERE body IS NULL"
    )
    assert (await customer.start_payment(order, key=key))["state"] == "pending"


async def test_a_key_is_the_callers_own(customer: Customer, ticket: object, key: str) -> None:
    first, second = await customer.order_at_once(ticket), await customer.order_at_once(ticket)
    assert (await customer.start_payment(first, key=key)) != (await customer.start_payment(second, key=key))
