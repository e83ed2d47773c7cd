"""A guest buys: from the cart to the ticket."""

from datetime import datetime

import pytest

from apps.core.db.database import Database
from tests.factories import make_concert, make_hall, make_shirt, make_ticket_type, make_tickets
from tests.journeys.customer import Customer, mails_about, reserved, sql
from tests.parts import shipments_of, tickets_of
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
ADDRESS = {"line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20359", "country": "DE"}


async def test_guest_buys_a_shirt_and_two_tickets(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt, ticket = await make_shirt(session), await make_tickets(session, 100)
    await customer.add(shirt.id)
    cart = await customer.add(ticket.id, 2)
    assert cart["total"] == 2500 + 2 * 3000
    assert all(line["held"] for line in cart["lines"])
    order = await customer.check_out()
    assert (order["state"], order["total"]) == ("pending", 8500)
    paid = await customer.pay(order)
    assert (paid["state"], paid["payment"], paid["pay_url"]) == ("paid", "confirmed", None)
    assert len({each["code"] for each in tickets_of(paid)}) == 2
    assert [(each["quantity"], each["state"]) for each in shipments_of(paid)] == [(1, "waiting_for_pickup")]
    assert await reserved(db, ticket.id) == [2]
    assert {row.state for row in await sql(db, "SELECT state FROM hold")} == {"sold"}


async def test_a_ticket_says_which_concert_it_opens(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session)
        concert.translations = {"ru": {"title": "Концерт"}}
        type = await make_ticket_type(session, {}, concert=concert)
    order = await customer.order_at_once(type.id)
    (ticket,) = tickets_of(await customer.pay(order))
    assert ticket["type"] == {"id": str(type.id), "name": "Standing"}
    assert (ticket["concert"]["slug"], ticket["concert"]["title"]) == (concert.slug, "Live")
    assert datetime.fromisoformat(ticket["concert"]["starts_at"]) == concert.starts_at
    assert ticket["concert"]["venue"]["time_zone"] == "Europe/Berlin"
    in_russian = await customer.client.get(f"/api/v1/orders/{order['number']}?key={order['key']}&lang=ru")
    (russian,) = tickets_of(in_russian.json())
    assert russian["concert"]["title"] == "Концерт"
    staff_api = StaffApi(customer.client, await signed_in_as(db, "manager"))
    (shown,) = tickets_of(await staff_api.get(f"/orders/{order['number']}"))
    assert (shown["concert"], shown["type"]) == (ticket["concert"], ticket["type"])


async def test_one_mail_brings_the_tickets_and_the_link_to_the_order(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10)
    paid = await customer.pay(await customer.order_at_once(ticket.id, 2))
    (mail,) = mails_about(paid)
    words = mail.get_body(("plain",)).get_content()
    assert mail["To"] == "fan@example.org"
    assert all(each["code"] in words for each in tickets_of(paid))
    assert paid["url"] in words


async def test_mail_is_in_the_language_of_the_order(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10)
    order = await customer.order_at_once(ticket.id, locale="ru")
    await customer.pay(order)
    ((locale,),) = await sql(db, "SELECT locale FROM orders")
    assert locale == "ru"
    assert len(mails_about(order)) == 1


async def test_a_refused_card_may_try_again_on_the_same_page(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10)
    order = await customer.order_at_once(ticket.id, 2)
    payment = await customer.start_payment(order)
    await customer.at_provider(payment, "fail")
    await customer.jobs()
    failed = await customer.order(order)
    assert (failed["state"], failed["payment"], tickets_of(failed)) == ("pending", "failed", [])
    assert await customer.start_payment(order) == payment | {"state": "failed"}
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    paid = await customer.order(order)
    assert (paid["state"], len(tickets_of(paid))) == ("paid", 2)
    assert len(mails_about(order)) == 1


async def test_merch_is_sent_to_the_address(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=3)
    order = await customer.order_at_once(shirt.id, 2, delivery="ship", address=ADDRESS)
    paid = await customer.pay(order)
    assert [(each["quantity"], each["state"]) for each in shipments_of(paid)] == [(2, "unfulfilled")]
    ((address,),) = await sql(db, "SELECT address FROM shipment")
    assert address == ADDRESS


async def test_an_order_worth_nothing_is_paid_and_delivered_without_a_payment(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10, price=0)
    order = await customer.order_at_once(ticket.id, 2)
    assert (order["state"], order["total"], order["pay_url"]) == ("paid", 0, None)
    await customer.start_payment(order, status=409)
    await customer.jobs()
    paid = await customer.order(order)
    assert (len(tickets_of(paid)), paid["payment"]) == (2, None)
    assert len(mails_about(order)) == 1
    assert await reserved(db, ticket.id) == [2]


async def test_fan_names_a_price_from_the_minimum_up(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, price=2000, minimum=500)
    refused = await customer.add(shirt.id, price=499, status=422)
    assert refused["type"].endswith("price-too-low")
    assert refused["minimum"] == 500
    await customer.add(shirt.id)
    cart = await customer.add(shirt.id, 2, price=777)
    assert sorted(line["unit_price"] for line in cart["lines"]) == [777, 2000]
    paid = await customer.pay(await customer.check_out())
    assert (paid["state"], paid["total"]) == ("paid", 2000 + 2 * 777)


async def test_lines_at_several_prices_keep_to_the_limit_together(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, price=2000, minimum=500, max_per_order=3)
    await customer.add(shirt.id, 2, price=500)
    assert (await customer.add(shirt.id, 2, price=777, status=409))["type"].endswith("order-limit")
    await customer.add(shirt.id, 1, price=777)
    assert await reserved(db, shirt.id) == [3]


async def test_what_is_not_translated_is_ordered_by_its_main_title(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10)
    await sql(db, """UPDATE offer SET translations = '{"ru": {}}'""")
    order = await customer.order_at_once(ticket.id, locale="ru")
    assert [line["title"] for line in order["lines"]] == [ticket.title]


async def test_a_fixed_price_cannot_be_named(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    refused = await customer.add(shirt.id, price=1, status=422)
    assert refused["type"].endswith("price-not-allowed")


async def test_tickets_of_several_types_share_the_hall(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        hall, front = await make_hall(session)
    await customer.add(front.id, 2)
    refused = await customer.add(hall.id, 3, status=409)
    assert (refused["type"], refused["left"]) == ("urn:backline:problem:sold-out", 2)
    await customer.add(hall.id, 2)
    paid = await customer.pay(await customer.check_out())
    assert len(tickets_of(paid)) == 4
    assert sorted(await reserved(db, front.id)) == [2, 4]
