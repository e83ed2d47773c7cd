"""What the shop refuses, and what it tells the buyer."""

import pytest

from apps.core.db.database import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.buyer import Buyer, make_overdue, reserved, sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10, max_per_order=4, max_per_customer=6)).id


async def test_at_most_so_many_per_order(buyer: Buyer, ticket: object) -> None:
    refused = await buyer.order_at_once(ticket, 5, status=409)
    assert (refused["type"], refused["limit"]) == ("urn:backline:problem:order-limit", 4)
    cart = await buyer.add(ticket, 3)
    await buyer.add(ticket, 2, status=409)
    await buyer.change(cart["lines"][0]["id"], 5, status=409)
    assert [line["quantity"] for line in (await buyer.cart())["lines"]] == [3]


async def test_lines_of_the_same_offer_count_together(buyer: Buyer, ticket: object) -> None:
    lines = [{"offer": str(ticket), "quantity": 2}, {"offer": str(ticket), "quantity": 3}]
    refused = await buyer.check_out(lines=lines, status=409)
    assert refused["type"].endswith("order-limit")


async def test_at_most_so_many_per_customer_over_all_orders(buyer: Buyer, db: Database, ticket: object) -> None:
    await buyer.pay(await buyer.order_at_once(ticket, 4))
    refused = await buyer.order_at_once(ticket, 3, email="Fan@Example.ORG", status=409)
    assert (refused["type"], refused["limit"]) == ("urn:backline:problem:customer-limit", 6)
    await buyer.order_at_once(ticket, 2)
    await buyer.order_at_once(ticket, 1, status=409)
    await buyer.order_at_once(ticket, 4, email="other@example.org")
    assert await reserved(db, ticket) == [10]


async def test_expired_orders_do_not_count_against_the_customer(buyer: Buyer, db: Database, ticket: object) -> None:
    order = await buyer.order_at_once(ticket, 4)
    await buyer.order_at_once(ticket, 3, status=409)
    await make_overdue(db, order)
    await buyer.by_the_clock("checkout.expire_unpaid")
    await buyer.order_at_once(ticket, 3)


async def test_sold_out_tells_what_is_left(buyer: Buyer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 3)
    await buyer.order_at_once(ticket.id, 1)
    refused = await buyer.order_at_once(ticket.id, 3, status=409)
    assert (refused["type"], refused["left"]) == ("urn:backline:problem:sold-out", 2)
    assert refused["title"] == "Only 2 left of “Live · Standing” at the moment."
    await buyer.order_at_once(ticket.id, 2)
    refused = await buyer.add(ticket.id, status=409)
    assert (refused["left"], refused["held"]) == (0, 0)
    assert refused["title"] == "There are none left of “Live · Standing” at the moment."
    assert await reserved(db, ticket.id) == [3]


async def test_one_short_line_refuses_the_whole_order(buyer: Buyer, db: Database) -> None:
    async with db.begin() as session:
        shirt, ticket = await make_shirt(session, stock=5), await make_tickets(session, 1)
    lines = [{"offer": str(shirt.id), "quantity": 2}, {"offer": str(ticket.id), "quantity": 2}]
    refused = await buyer.check_out(lines=lines, status=409)
    assert refused["offer"] == str(ticket.id)
    assert await reserved(db, shirt.id) + await reserved(db, ticket.id) == [0, 0]
    assert await sql(db, "SELECT * FROM orders") == []


async def test_a_changed_price_is_shown_before_it_is_charged(buyer: Buyer, db: Database, ticket: object) -> None:
    cart = await buyer.add(ticket, 2)
    await sql(db, "UPDATE offer_price SET amount = 3500")
    refused = await buyer.check_out(expected_total=cart["total"], status=409)
    assert (refused["type"], refused["total"]) == ("urn:backline:problem:price-changed", 7000)
    assert (await buyer.cart())["total"] == 7000
    assert (await buyer.check_out(expected_total=7000))["total"] == 7000


async def test_what_is_sent_needs_an_address(buyer: Buyer, db: Database, ticket: object) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    refused = await buyer.order_at_once(shirt.id, delivery="ship", status=422)
    assert refused["type"].endswith("address-missing")
    assert [each["field"] for each in refused["errors"]] == ["address"]
    assert await reserved(db, shirt.id) == [0]
    await buyer.order_at_once(ticket, delivery="ship")
    await buyer.order_at_once(shirt.id, delivery="pickup")


@pytest.mark.parametrize(
    "change",
    [
        "active = false",
        "sale_from = clock_timestamp() + interval '1 hour'",
        "sale_until = clock_timestamp() - interval '1 hour'",
    ],
)
async def test_what_is_not_on_sale_cannot_be_bought(buyer: Buyer, db: Database, ticket: object, change: str) -> None:
    line = (await buyer.add(ticket))["lines"][0]["id"]
    await sql(db, f"UPDATE offer SET {change}")
    assert [line["problem"] for line in (await buyer.cart())["lines"]] == ["not-on-sale"]
    await buyer.add(ticket, status=409)
    await buyer.change(line, 2, status=409)
    await buyer.check_out(status=409)
    await buyer.order_at_once(ticket, status=409)


async def test_what_does_not_exist_or_has_no_price_cannot_be_bought(buyer: Buyer, ticket: object) -> None:
    await buyer.add("0191f0c0-0000-7000-8000-000000000000", status=404)
    refused = await buyer.order_at_once(ticket, currency="USD", status=409)
    assert refused["type"].endswith("no-price")


async def test_nothing_cannot_be_checked_out(buyer: Buyer, ticket: object) -> None:
    await buyer.check_out(status=409)
    cart = await buyer.add(ticket)
    await buyer.remove(cart["lines"][0]["id"])
    refused = await buyer.check_out(status=409)
    assert refused["type"].endswith("cart-empty")


async def test_a_key_opens_its_own_order_only(buyer: Buyer, ticket: object) -> None:
    mine, other = await buyer.order_at_once(ticket), await buyer.order_at_once(ticket)
    wrong = dict.fromkeys((other["key"], mine["key"][:-2] + "AA", "x" * 100, "é"), 404)
    for key, status in {**wrong, "": 401}.items():  # an empty one is none: who comes without has to sign in
        forged = mine | {"key": key}
        await buyer.order(forged, status=status)
        await buyer.cancel(forged, status=status)
        await buyer.start_payment(forged, status=status)
    assert (await buyer.order(mine | {"number": mine["number"].lower()}))["number"] == mine["number"]


async def test_a_cart_token_opens_no_order_and_an_order_key_no_cart(buyer: Buyer, ticket: object) -> None:
    await buyer.add(ticket)
    token = buyer.token
    order = await buyer.check_out()
    await buyer.order(order | {"key": token}, status=404)
    buyer.token = order["key"]
    await buyer.cart(status=404)
    await buyer.add(ticket, status=404)


async def test_a_line_of_another_cart_cannot_be_changed(buyer: Buyer, db: Database, ticket: object) -> None:
    line = (await buyer.add(ticket))["lines"][0]["id"]
    stranger = Buyer(buyer.client, db)
    await stranger.add(ticket)
    await stranger.change(line, 2, status=404)
    await stranger.remove(line, status=404)
    assert await reserved(db, ticket) == [2]


async def test_an_unknown_provider_is_refused(buyer: Buyer, db: Database, ticket: object) -> None:
    order = await buyer.order_at_once(ticket)
    url = f"/api/v1/orders/{order['number']}/payments?key={order['key']}"
    answer = await buyer.client.post(url, json={"provider": "nobody"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:backline:problem:provider-unknown")
    assert await sql(db, "SELECT * FROM payment") == []


async def test_the_dearest_order_imaginable_is_still_exact(buyer: Buyer, db: Database) -> None:
    async with db.begin() as session:
        shirts = [await make_shirt(session, minimum=0, stock=None) for _ in range(3)]
    lines = [{"offer": str(shirt.id), "quantity": 10, "price": 100_000_000} for shirt in shirts]
    order = await buyer.check_out(lines=lines)
    assert order["total"] == 3_000_000_000
    assert (await buyer.pay(order))["state"] == "paid"


async def test_an_order_is_made_of_a_cart_or_of_lines(buyer: Buyer, db: Database, ticket: object) -> None:
    await buyer.add(ticket)
    body = {"email": buyer.email, "lines": [{"offer": str(ticket)}]}
    answer = await buyer.client.post("/api/v1/checkout", json=body, headers={"Cart-Token": str(buyer.token)})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:backline:problem:cart-or-lines")


async def test_an_address_that_cannot_be_is_named_field_by_field(buyer: Buyer, db: Database) -> None:
    async with db.begin() as session:
        shirt = (await make_shirt(session)).id
    nonsense = {"line1": "x", "city": "?", "postal_code": "!!!", "country": "AQ"}
    refused = await buyer.order_at_once(shirt, delivery="ship", name=".", address=nonsense, status=422)
    assert [error["field"] for error in refused["errors"]] == [
        "name",
        "address.line1",
        "address.city",
        "address.postal_code",
    ]
    home = {"line1": "Nathan Road 1", "city": "Hong Kong", "region": "Kowloon", "country": "HK"}
    await buyer.order_at_once(shirt, delivery="ship", address=home)
