"""What happens is told, signed, once for each webhook that listens."""

import pytest

from apps.core.db.database import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.buyer import Buyer, make_overdue
from tests.office import Office
from tests.webhooks.conftest import Listen
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio


async def test_an_order_is_told_from_its_placing_to_its_refund(
    buyer: Buyer, office: Office, receiver: Receiver, listen: Listen, db: Database
) -> None:
    hook = await listen()
    async with db.begin() as session:
        tickets = await make_tickets(session, 10)
    order = await buyer.order_at_once(tickets.id, 2)
    await buyer.pay(order)
    refund = {"whole": True, "reason": "late"}
    await office.ask("POST", f"/orders/{order['number']}/refund", json=refund, headers={"Idempotency-Key": "k" * 16})
    await buyer.jobs()
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
    buyer: Buyer, office: Office, receiver: Receiver, listen: Listen, db: Database
) -> None:
    await listen()
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=1)
    order = await buyer.order_at_once(shirt.id)
    assert receiver.types == []
    await buyer.pay(order)
    await office.ask("POST", f"/orders/{order['number']}/parcels", json={"state": "picked_up"})
    path = f"/products/{shirt.product_id}"
    product = await office.get(path)
    wanted = {name: value for name, value in product.items() if name not in ("id", "created_at", "archived_at")}
    for changed in ({"title": "Better shirt"}, {"published": False}, {"published": True}):
        wanted |= changed
        await office.change(path, wanted)
    await office.do(path, "archive")
    await office.do(path, "restore")
    await buyer.jobs()
    by_thing = [each for each in receiver.types if each.startswith("product.")]
    assert by_thing == [f"product.{each}" for each in ("changed", *("unpublished", "published") * 2)]
    assert set(receiver.types) - set(by_thing) == {
        *("stock.sold_out", "order.placed", "order.paid", "shipments.changed"),
    }
    states = [call.told["data"]["shipments"][0]["state"] for call in receiver.calls if "shipments" in call.told["data"]]
    assert states == ["waiting_for_pickup", "picked_up"]


async def test_what_ends_without_money_is_told(buyer: Buyer, receiver: Receiver, listen: Listen, db: Database) -> None:
    await listen()
    async with db.begin() as session:
        tickets = await make_tickets(session, 1)
    refused = await buyer.order_at_once(tickets.id)
    await buyer.at_provider(await buyer.start_payment(refused), "fail")
    await buyer.jobs()
    await buyer.cancel(refused)
    late = await buyer.order_at_once(tickets.id)
    await make_overdue(db, late)
    await buyer.by_the_clock("checkout.expire_unpaid")
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
    buyer: Buyer, receiver: Receiver, listen: Listen, db: Database
) -> None:
    await listen("order.paid", "order.placed")
    async with db.begin() as session:
        tickets = await make_tickets(session, 5, price=0)
    await buyer.order_at_once(tickets.id)
    await buyer.jobs()
    assert receiver.types == ["order.placed", "order.paid"]


async def test_a_concert_is_told_through_its_life(
    buyer: Buyer, office: Office, receiver: Receiver, listen: Listen
) -> None:
    await listen()
    concert, _ticket_type = await office.on_sale(title="Live")
    path = f"/concerts/{concert['id']}"
    await office.do(path, "stop-sale")
    await office.do(path, "postpone")
    await office.do(path, "put-on-sale")
    tag = (await office.ask("GET", path)).headers["etag"]
    moved = {"starts_at": "2099-06-21T18:00:00Z"}
    await office.ask("POST", f"{path}/reschedule", json=moved, headers={"If-Match": tag})
    await office.do(path, "cancel")
    draft = await office.concert(title="Draft")
    await office.do(f"/concerts/{draft['id']}", "cancel")
    await buyer.jobs()
    assert receiver.types == [
        *("concert.announced", "concert.on_sale", "concert.sale_stopped", "concert.postponed"),
        *("concert.reinstated", "concert.rescheduled", "concert.cancelled"),
    ]
    assert receiver.calls[0].told["data"]["venue"]["name"] == "Hall of Live"
    assert receiver.calls[-1].told["data"]["starts_at"].startswith("2099-06-21")
