"""What is in a cart is held for a while: the clock, its renewal, its end."""

from datetime import datetime, timedelta

import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.customer import Customer, age_holds, reserved, sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 5)).id


def clock(cart: dict) -> datetime:
    return datetime.fromisoformat(cart["expires_at"])


async def held_for(db: Database) -> timedelta:
    """From the first thing put in to the moment the cart runs out."""
    ((span,),) = await sql(db, "SELECT expires_at - held_since FROM cart")
    return span


async def test_the_cart_holds_a_quarter_of_an_hour(customer: Customer, db: Database, ticket: object) -> None:
    cart = await customer.add(ticket, 2)
    assert await held_for(db) == timedelta(minutes=15)
    assert [each.expires_at for each in await sql(db, "SELECT expires_at FROM hold")] == [clock(cart)]
    assert (await customer.cart())["expires_at"] == cart["expires_at"]


async def test_adding_renews_up_to_three_quarters_of_an_hour(customer: Customer, db: Database, ticket: object) -> None:
    await customer.add(ticket)
    for minutes in (25, 35, 45, 45):
        await age_holds(db, 10)
        cart = await customer.add(ticket)
        assert timedelta(minutes=minutes) <= await held_for(db) <= timedelta(minutes=45)
    assert [each.expires_at for each in await sql(db, "SELECT expires_at FROM hold")] == [clock(cart)]


async def test_another_thing_renews_all_that_the_cart_holds(customer: Customer, db: Database, ticket: object) -> None:
    await customer.add(ticket)
    await age_holds(db, 10)
    async with db.begin() as session:
        other = (await make_tickets(session, 5)).id
    cart = await customer.add(other)
    assert await held_for(db) > timedelta(minutes=24)
    assert [each.expires_at for each in await sql(db, "SELECT expires_at FROM hold")] == [clock(cart)] * 2


async def test_more_renews_and_the_same_or_less_does_not(customer: Customer, db: Database, ticket: object) -> None:
    line = (await customer.add(ticket, 2))["lines"][0]["id"]
    await age_holds(db, 10)
    await customer.change(line, 3)
    for quantity in (3, 1):
        await age_holds(db, 5)
        before = (await customer.cart())["expires_at"]
        assert (await customer.change(line, quantity))["expires_at"] == before
        assert await held_for(db) <= timedelta(minutes=26)
    assert await reserved(db, ticket) == [1]
    assert (await customer.remove(line))["expires_at"] is None
    assert await reserved(db, ticket) == [0]


async def test_a_clock_that_ran_out_starts_anew(customer: Customer, db: Database, ticket: object) -> None:
    await customer.add(ticket)
    await age_holds(db, 50)
    await customer.by_the_clock("checkout.release_expired_holds")
    cart = await customer.add(ticket)
    assert await held_for(db) == timedelta(minutes=15)
    assert [(line["quantity"], line["held"]) for line in cart["lines"]] == [(2, True)]


async def test_the_sweep_frees_what_ran_out_and_nothing_else(customer: Customer, db: Database, ticket: object) -> None:
    await customer.add(ticket, 2)
    await age_holds(db, 16)
    other = Customer(customer.client, db)
    await other.add(ticket, 1)
    await customer.order_at_once(ticket, 1)
    await customer.by_the_clock("checkout.release_expired_holds", "checkout.release_expired_holds")
    assert await reserved(db, ticket) == [2]
    assert [line["held"] for line in (await customer.cart())["lines"]] == [False]
    assert [line["held"] for line in (await other.cart())["lines"]] == [True]


async def test_expired_holds_do_not_stand_between_a_customer_and_a_place(
    customer: Customer, db: Database, ticket: object
) -> None:
    await customer.add(ticket, 5)
    other = Customer(customer.client, db)
    await other.add(ticket, 5, status=409)
    await age_holds(db, 16)
    await other.add(ticket, 5)
    await customer.check_out(status=409)
    assert (await other.check_out())["state"] == "pending"
    assert await reserved(db, ticket) == [5]


async def test_who_comes_back_late_still_buys_what_is_left(customer: Customer, db: Database, ticket: object) -> None:
    await customer.add(ticket, 3)
    await age_holds(db, 60)
    await customer.by_the_clock("checkout.release_expired_holds")
    assert (await customer.cart())["expires_at"] is None
    assert (await customer.check_out())["total"] == 9000
    assert await reserved(db, ticket) == [3]


async def test_an_order_is_not_freed_with_the_cart_it_came_from(
    customer: Customer, db: Database, ticket: object
) -> None:
    await customer.add(ticket, 3)
    await customer.check_out()
    await age_holds(db, 60)
    await customer.by_the_clock("checkout.release_expired_holds")
    assert await reserved(db, ticket) == [3]


async def test_no_cart_holds_past_the_ceiling_by_being_quick(customer: Customer, db: Database, ticket: object) -> None:
    line = (await customer.add(ticket))["lines"][0]["id"]
    await age_holds(db, 46)
    assert (await customer.change(line, 1, status=409))["type"].endswith("held-too-long")
    await customer.by_the_clock("checkout.release_expired_holds")
    await customer.change(line, 1)
    assert await held_for(db) == timedelta(minutes=15)
