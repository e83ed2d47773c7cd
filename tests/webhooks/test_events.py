"""What happens is told, signed, once for each webhook that listens."""

import pytest

from apps.core.db.database import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, make_overdue
from tests.staff_api import StaffApi
from tests.webhooks.conftest import Listen
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio


async def test_an_order_is_told_from_its_placing_to_its_refund(
    customer: Customer, staff_api: StaffApi, receiver: Receiver, listen: Listen, db: Database
) -> None:
    hook = await listen()
    async with db.begin() as session:
        tickets = await make_tickets(session, 10)
    order = await customer.order_at_once(tickets.id, 2)
    await customer.pay(order)
    refund = {"whole": True, "reason": "late"}
    await staff_api.ask("POST", f"/orders/{order['number']}/refund", json=refund, headers={"Idempotency-Key": "k" * 16})
    await customer.jobs()
    assert receiver.types == ["order.placed", "order.paid", "tickets.issued", "tickets.voided", "order.refunded"]
    for call in receiver.calls:
        told = call.verified_by(hook["secret"])
        assert (call.headers["webhook-id"], call.path) == (told["id"], "/hook")
    paid, issued = receiver.calls[1].told["data"], receiver.calls[2].told["data"]
    assert (paid["number"], paid["state"], paid["total"]) == (order["number"], "paid", 6000)
    assert [ticket["state"] for ticket in issued["tickets"]] == ["valid", "valid"]
    assert receiver.calls[-1].told["data"]["state"] == "refunded"
    for secret in (order["key"], "nonce", "code"):
        assert all(secret not in call.body.decode() for call in receiver.calls)


async def test_merch_and_stock_are_told(
    customer: Customer, staff_api: StaffApi, receiver: Receiver, listen: Listen, db: Database
) -> None:
    await listen()
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=1)
    order = await customer.order_at_once(shirt.id)
    assert receiver.types == []
    await customer.pay(order)
    await staff_api.ask("POST", f"/orders/{order['number']}/parcels", json={"state": "picked_up"})
    path = f"/products/{shirt.product_id}"
    product = await staff_api.get(path)
    wanted = {name: value for name, value in product.items() if name not in ("id", "created_at", "archived_at")}
    for changed in ({"title": "Better shirt"}, {"published": False}, {"published": True}):
        wanted |= changed
        await staff_api.change(path, wanted)
    await staff_api.do(path, "archive")
    await staff_api.do(path, "restore")
    await customer.jobs()
    by_thing = [each for each in receiver.types if each.startswith("product.")]
    assert by_thing == [f"product.{each}" for each in ("changed", *("unpublished", "published") * 2)]
    assert set(receiver.types) - set(by_thing) == {
        *("stock.sold_out", "order.placed", "order.paid", "shipments.changed"),
    }
    states = [call.told["data"]["shipments"][0]["state"] for call in receiver.calls if "shipments" in call.told["data"]]
    assert states == ["waiting_for_pickup", "picked_up"]


async def test_what_ends_without_money_is_told(
    customer: Customer, receiver: Receiver, listen: Listen, db: Database
) -> None:
    await listen()
    async with db.begin() as session:
        tickets = await make_tickets(session, 1)
    refused = await customer.order_at_once(tickets.id)
    await customer.at_provider(await customer.start_payment(refused), "fail")
    await customer.jobs()
    await customer.cancel(refused)
    late = await customer.order_at_once(tickets.id)
    await make_overdue(db, late)
    await customer.by_the_clock("checkout.expire_unpaid")
    about = {
        order["number"]: [call.told["type"] for call in receiver.calls if is_about(call.told["data"], order)]
        for order in (refused, late)
    }
    assert about[refused["number"]] == ["order.placed", "payment.failed", "order.cancelled"]
    assert about[late["number"]] == ["order.placed", "order.expired"]
    assert receiver.types.count("stock.sold_out") == receiver.types.count("stock.available") == 2


def is_about(data: dict, order: dict) -> bool:
    return order["number"] in (data.get("number"), (data.get("order") or {}).get("number"))


async def test_a_free_order_is_placed_and_paid_at_once(
    customer: Customer, receiver: Receiver, listen: Listen, db: Database
) -> None:
    await listen("order.paid", "order.placed")
    async with db.begin() as session:
        tickets = await make_tickets(session, 5, price=0)
    await customer.order_at_once(tickets.id)
    await customer.jobs()
    assert receiver.types == ["order.placed", "order.paid"]


async def test_a_concert_is_told_through_its_life(
    customer: Customer, staff_api: StaffApi, receiver: Receiver, listen: Listen
) -> None:
    await listen()
    concert, _ticket_type = await staff_api.on_sale(title="Live")
    path = f"/concerts/{concert['id']}"
    await staff_api.do(path, "stop-sale")
    await staff_api.do(path, "postpone")
    await staff_api.do(path, "put-on-sale")
    tag = (await staff_api.ask("GET", path)).headers["etag"]
    moved = {"starts_at": "2099-06-21T18:00:00Z"}
    await staff_api.ask("POST", f"{path}/reschedule", json=moved, headers={"If-Match": tag})
    await staff_api.do(path, "cancel")
    draft = await staff_api.concert(title="Draft")
    await staff_api.do(f"/concerts/{draft['id']}", "cancel")
    await customer.jobs()
    assert receiver.types == [
        *("concert.announced", "concert.on_sale", "concert.sale_stopped", "concert.postponed"),
        *("concert.reinstated", "concert.rescheduled", "concert.cancelled"),
    ]
    assert receiver.calls[0].told["data"]["venue"]["name"] == "Hall of Live"
    assert receiver.calls[-1].told["data"]["starts_at"].startswith("2099-06-21")


async def test_a_withdrawal_is_told(customer: Customer, receiver: Receiver, listen: Listen, db: Database) -> None:
    await listen("order.withdrawn")
    async with db.begin() as session:
        shirt = await make_shirt(session)
    order = await customer.pay(await customer.order_at_once(shirt.id, 2))
    url = f"/api/v1/orders/{order['number']}/withdrawals?key={order['key']}"
    made = await customer.client.post(url, json={"name": "Ada"})
    await customer.jobs()
    (call,) = receiver.calls
    told = call.told["data"]
    assert (told["order"]["number"], told["id"]) == (order["number"], made.json()["id"])
    assert told["lines"] == [{"line": order["lines"][0]["id"], "quantity": 2}]
    assert "Ada" not in call.body.decode()
