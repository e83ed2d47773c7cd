"""Requests that are sent twice: a double click, a retry after a lost answer, two tabs."""

import asyncio
from uuid import uuid4

import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.buyer import Buyer, reserved, sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10)).id


@pytest.fixture
def key() -> str:
    return f"attempt-{uuid4()}"


async def test_the_same_key_gets_the_same_answer(buyer: Buyer, db: Database, ticket: object, key: str) -> None:
    first = await buyer.order_at_once(ticket, 2, key=key)
    assert await buyer.order_at_once(ticket, 2, key=key) == first
    assert await reserved(db, ticket) == [2]


async def test_the_answer_stays_though_the_order_was_paid_since(
    buyer: Buyer, db: Database, ticket: object, key: str
) -> None:
    first = await buyer.order_at_once(ticket, key=key)
    await buyer.pay(first)
    assert await buyer.order_at_once(ticket, key=key) == first
    assert len(await sql(db, "SELECT * FROM orders")) == 1


async def test_the_same_key_with_another_body_is_refused(buyer: Buyer, db: Database, ticket: object, key: str) -> None:
    await buyer.order_at_once(ticket, 1, key=key)
    refused = await buyer.order_at_once(ticket, 2, key=key, status=422)
    assert refused["type"].endswith("idempotency-key-reused")
    assert await reserved(db, ticket) == [1]


async def test_a_refusal_is_not_kept(buyer: Buyer, db: Database, ticket: object, key: str) -> None:
    await sql(db, "UPDATE offer SET active = false")
    await buyer.order_at_once(ticket, key=key, status=409)
    await sql(db, "UPDATE offer SET active = true")
    await buyer.order_at_once(ticket, key=key)
    assert await reserved(db, ticket) == [1]


async def test_the_same_key_many_times_at_once_is_one_order(
    buyer: Buyer, db: Database, ticket: object, key: str
) -> None:
    answers = await asyncio.gather(*(buyer.order_at_once(ticket, 2, key=key) for _ in range(8)))
    assert len({each["number"] for each in answers}) == 1
    assert await reserved(db, ticket) == [2]


async def test_without_a_key_lines_given_twice_are_two_orders(buyer: Buyer, db: Database, ticket: object) -> None:
    first, second = await buyer.order_at_once(ticket), await buyer.order_at_once(ticket)
    assert first["number"] != second["number"]
    assert await reserved(db, ticket) == [2]


async def test_a_cart_checked_out_many_times_at_once_is_one_order(buyer: Buyer, db: Database, ticket: object) -> None:
    await buyer.add(ticket, 2)
    answers = await asyncio.gather(*(buyer.check_out() for _ in range(8)))
    assert len({each["number"] for each in answers}) == 1
    assert await reserved(db, ticket) == [2]
    assert (await buyer.check_out())["number"] == answers[0]["number"]


async def test_the_key_works_for_carts_too(buyer: Buyer, ticket: object, key: str) -> None:
    headers = {"Idempotency-Key": key}
    body = {"offer": str(ticket), "quantity": 1}
    answers = [await buyer.client.post("/api/v1/cart/lines", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    buyer.token = answers[0].json()["token"]
    assert [line["quantity"] for line in (await buyer.cart())["lines"]] == [1]


async def test_a_placed_cart_is_closed_and_the_next_thing_begins_another(
    buyer: Buyer, db: Database, ticket: object
) -> None:
    cart = await buyer.add(ticket)
    order, token = await buyer.check_out(), buyer.token
    assert (cart["placed"], (await buyer.cart())["placed"]) == (False, True)
    await buyer.change(cart["lines"][0]["id"], 3, status=409)
    assert not (await buyer.add(ticket, 2))["placed"]
    assert buyer.token != token
    assert (await buyer.check_out())["number"] != order["number"]
    assert await reserved(db, ticket) == [3]


async def test_a_placed_cart_is_not_ordered_by_somebody_else(buyer: Buyer, ticket: object) -> None:
    await buyer.add(ticket)
    order = await buyer.check_out()
    refused = await buyer.check_out(email="other@example.org", status=409)
    assert refused["type"].endswith("cart-placed")
    assert (await buyer.check_out(name="Ada", email=buyer.email.upper()))["number"] == order["number"]


async def test_asking_for_the_payment_again_resumes_it(buyer: Buyer, db: Database, ticket: object, key: str) -> None:
    order = await buyer.order_at_once(ticket)
    first = await buyer.start_payment(order, key=key)
    assert await buyer.start_payment(order, key=key) == first
    assert await buyer.start_payment(order) == first
    assert len(await sql(db, "SELECT * FROM payment")) == 1


async def test_payments_asked_for_at_once_are_one(buyer: Buyer, db: Database, ticket: object, key: str) -> None:
    order = await buyer.order_at_once(ticket)
    answers = await asyncio.gather(*(buyer.start_payment(order) for _ in range(6)))
    assert len({each["pay_url"] for each in answers}) == 1
    assert len(await sql(db, "SELECT * FROM payment")) == 1
    assert len(await sql(db, "SELECT * FROM demo_checkout")) == 1


async def test_a_payment_in_flight_is_not_started_twice_with_one_key(
    buyer: Buyer, db: Database, ticket: object, key: str
) -> None:
    order = await buyer.order_at_once(ticket)
    await buyer.start_payment(order, key=key)
    await sql(db, "UPDATE idempotency_record SET body = NULL, status = NULL WHERE lease_until > clock_timestamp()")
    refused = await buyer.start_payment(order, key=key, status=409)
    assert refused["type"].endswith("request-in-flight")
    await sql(
        db, "UPDATE idempotency_record SET lease_until = clock_timestamp() - interval '1 second' WHERE body IS NULL"
    )
    assert (await buyer.start_payment(order, key=key))["state"] == "pending"


async def test_a_key_is_the_callers_own(buyer: Buyer, ticket: object, key: str) -> None:
    first, second = await buyer.order_at_once(ticket), await buyer.order_at_once(ticket)
    assert (await buyer.start_payment(first, key=key)) != (await buyer.start_payment(second, key=key))
