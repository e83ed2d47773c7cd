"""What the shop refuses, and what it tells the customer."""

import pytest

from apps.core.db.database import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, make_overdue, reserved, sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10, max_per_order=4, max_per_customer=6)).id


async def test_at_most_so_many_per_order(customer: Customer, ticket: object) -> None:
    refused = await customer.order_at_once(ticket, 5, status=409)
    assert (refused["type"], refused["limit"]) == ("urn:backline:problem:order-limit", 4)
    cart = await customer.add(ticket, 3)
    await customer.add(ticket, 2, status=409)
    await customer.change(cart["lines"][0]["id"], 5, status=409)
    assert [line["quantity"] for line in (await customer.cart())["lines"]] == [3]


async def test_lines_of_the_same_offer_count_together(customer: Customer, ticket: object) -> None:
    lines = [{"offer": str(ticket), "quantity": 2}, {"offer": str(ticket), "quantity": 3}]
    refused = await customer.check_out(lines=lines, status=409)
    assert refused["type"].endswith("order-limit")


async def test_at_most_so_many_per_customer_over_all_orders(customer: Customer, db: Database, ticket: object) -> None:
    await customer.pay(await customer.order_at_once(ticket, 4))
    refused = await customer.order_at_once(ticket, 3, email="Fan@Example.ORG", status=409)
    assert (refused["type"], refused["limit"]) == ("urn:backline:problem:customer-limit", 6)
    await customer.order_at_once(ticket, 2)
    await customer.order_at_once(ticket, 1, status=409)
    await customer.order_at_once(ticket, 4, email="other@example.org")
    assert await reserved(db, ticket) == [10]


async def test_expired_orders_do_not_count_against_the_customer(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 4)
    await customer.order_at_once(ticket, 3, status=409)
    await make_overdue(db, order)
    await customer.by_the_clock("checkout.expire_unpaid")
    await customer.order_at_once(ticket, 3)


async def test_sold_out_tells_what_is_left(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 3)
    await customer.order_at_once(ticket.id, 1)
    refused = await customer.order_at_once(ticket.id, 3, status=409)
    assert (refused["type"], refused["left"]) == ("urn:backline:problem:sold-out", 2)
    assert refused["title"] == "Only 2 left of “Live · Standing” at the moment."
    await customer.order_at_once(ticket.id, 2)
    refused = await customer.add(ticket.id, status=409)
    assert (refused["left"], refused["held"]) == (0, 0)
    assert refused["title"] == "There are none left of “Live · Standing” at the moment."
    assert await reserved(db, ticket.id) == [3]


async def test_one_short_line_refuses_the_whole_order(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt, ticket = await make_shirt(session, stock=5), await make_tickets(session, 1)
    lines = [{"offer": str(shirt.id), "quantity": 2}, {"offer": str(ticket.id), "quantity": 2}]
    refused = await customer.check_out(lines=lines, status=409)
    assert refused["offer"] == str(ticket.id)
    assert await reserved(db, shirt.id) + await reserved(db, ticket.id) == [0, 0]
    assert await sql(db, "SELECT * FROM orders") == []


async def test_a_changed_price_is_shown_before_it_is_charged(customer: Customer, db: Database, ticket: object) -> None:
    cart = await customer.add(ticket, 2)
    await sql(db, "UPDATE offer_price SET amount = 3500")
    refused = await customer.check_out(expected_total=cart["total"], status=409)
    assert (refused["type"], refused["total"]) == ("urn:backline:problem:price-changed", 7000)
    assert (await customer.cart())["total"] == 7000
    assert (await customer.check_out(expected_total=7000))["total"] == 7000


async def test_what_is_sent_needs_an_address(customer: Customer, db: Database, ticket: object) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    refused = await customer.order_at_once(shirt.id, delivery="ship", status=422)
    assert refused["type"].endswith("address-missing")
    assert [each["field"] for each in refused["errors"]] == ["address"]
    assert await reserved(db, shirt.id) == [0]
    await customer.order_at_once(ticket, delivery="ship")
    await customer.order_at_once(shirt.id, delivery="pickup")


@pytest.mark.parametrize(
    "change",
    [
        "active = false",
        "sale_from = clock_timestamp() + interval '1 hour'",
        "sale_until = clock_timestamp() - interval '1 hour'",
    ],
)
async def test_what_is_not_on_sale_cannot_be_bought(
    customer: Customer, db: Database, ticket: object, change: str
) -> None:
    line = (await customer.add(ticket))["lines"][0]["id"]
    await sql(db, f"UPDATE offer SET {change}")
    assert [line["problem"] for line in (await customer.cart())["lines"]] == ["not-on-sale"]
    await customer.add(ticket, status=409)
    await customer.change(line, 2, status=409)
    await customer.check_out(status=409)
    await customer.order_at_once(ticket, status=409)


async def test_what_does_not_exist_or_has_no_price_cannot_be_bought(customer: Customer, ticket: object) -> None:
    await customer.add("0191f0c0-0000-7000-8000-000000000000", status=404)
    refused = await customer.order_at_once(ticket, currency="USD", status=409)
    assert refused["type"].endswith("no-price")


async def test_nothing_cannot_be_checked_out(customer: Customer, ticket: object) -> None:
    await customer.check_out(status=409)
    cart = await customer.add(ticket)
    await customer.remove(cart["lines"][0]["id"])
    refused = await customer.check_out(status=409)
    assert refused["type"].endswith("cart-empty")


async def test_a_key_opens_its_own_order_only(customer: Customer, ticket: object) -> None:
    mine, other = await customer.order_at_once(ticket), await customer.order_at_once(ticket)
    wrong = dict.fromkeys((other["key"], mine["key"][:-2] + "AA", "x" * 100, "é"), 404)
    for key, status in {**wrong, "": 401}.items():  # an empty one is none: who comes without has to sign in
        forged = mine | {"key": key}
        await customer.order(forged, status=status)
        await customer.cancel(forged, status=status)
        await customer.start_payment(forged, status=status)
    assert (await customer.order(mine | {"number": mine["number"].lower()}))["number"] == mine["number"]


async def test_a_cart_token_opens_no_order_and_an_order_key_no_cart(customer: Customer, ticket: object) -> None:
    await customer.add(ticket)
    token = customer.token
    order = await customer.check_out()
    await customer.order(order | {"key": token}, status=404)
    customer.token = order["key"]
    await customer.cart(status=404)
    await customer.add(ticket, status=404)


async def test_a_line_of_another_cart_cannot_be_changed(customer: Customer, db: Database, ticket: object) -> None:
    line = (await customer.add(ticket))["lines"][0]["id"]
    stranger = Customer(customer.client, db)
    await stranger.add(ticket)
    await stranger.change(line, 2, status=404)
    await stranger.remove(line, status=404)
    assert await reserved(db, ticket) == [2]


async def test_an_unknown_provider_is_refused(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    url = f"/api/v1/orders/{order['number']}/payments?key={order['key']}"
    answer = await customer.client.post(url, json={"provider": "nobody"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:backline:problem:provider-unknown")
    assert await sql(db, "SELECT * FROM payment") == []


async def test_the_dearest_order_imaginable_is_still_exact(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirts = [await make_shirt(session, minimum=0, stock=None) for _ in range(3)]
    lines = [{"offer": str(shirt.id), "quantity": 10, "price": 100_000_000} for shirt in shirts]
    order = await customer.check_out(lines=lines)
    assert order["total"] == 3_000_000_000
    assert (await customer.pay(order))["state"] == "paid"


async def test_an_order_is_made_of_a_cart_or_of_lines(customer: Customer, db: Database, ticket: object) -> None:
    await customer.add(ticket)
    body = {"email": customer.email, "lines": [{"offer": str(ticket)}]}
    answer = await customer.client.post("/api/v1/checkout", json=body, headers={"Cart-Token": str(customer.token)})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:backline:problem:cart-or-lines")


async def test_an_address_that_cannot_be_is_named_field_by_field(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = (await make_shirt(session)).id
    nonsense = {"line1": "x", "city": "?", "postal_code": "!!!", "country": "AQ"}
    refused = await customer.order_at_once(shirt, delivery="ship", name=".", address=nonsense, status=422)
    assert [error["field"] for error in refused["errors"]] == [
        "name",
        "address.line1",
        "address.city",
        "address.postal_code",
    ]
    home = {"line1": "Nathan Road 1", "city": "Hong Kong", "region": "Kowloon", "country": "HK"}
    await customer.order_at_once(shirt, delivery="ship", address=home)
