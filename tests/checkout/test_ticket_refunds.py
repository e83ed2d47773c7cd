"""A concert is cancelled: the tickets of all its orders are refunded at once, and nothing else of these orders."""

import asyncio
from uuid import uuid4

import pytest

from apps.core.db.database import Database
from tests.factories import make_shirt
from tests.journeys.customer import Customer, fail_refund, mails_about, reserved, sql
from tests.parts import tickets_of
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio


@pytest.fixture
async def concert(staff_api: StaffApi) -> dict:
    pool = await staff_api.add("/pools", {"name": "Hall", "capacity": 10})
    concert = await staff_api.concert()
    standing = {"name": "Standing", "prices": {"EUR": {"amount": 3000}}, "allocation": {pool["id"]: 1}}
    ticket_type = await staff_api.add(f"/concerts/{concert['id']}/ticket-types", standing)
    for action in ("announce", "put-on-sale"):
        await staff_api.do(f"/concerts/{concert['id']}", action)
    return {**concert, "path": f"/concerts/{concert['id']}", "ticket": ticket_type["id"]}


async def refund_all(staff_api: StaffApi, concert: dict, *, status: int = 202, key: str = "") -> dict:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return (await staff_api.ask("POST", f"{concert['path']}/refunds", status=status, headers=headers)).json()


async def progress(staff_api: StaffApi, concert: dict) -> list[int]:
    """Orders and money: still to be refunded, refunded, failed."""
    (found,) = (await staff_api.get(f"{concert['path']}/refunds"))["currencies"]
    return [number for name, number in found.items() if name != "currency"]


async def refunds(db: Database) -> list[int]:
    return [row.amount for row in await sql(db, "SELECT amount FROM refund ORDER BY amount")]


async def test_tickets_come_back_and_merch_stays(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    lines = [{"offer": concert["ticket"], "quantity": 2}, {"offer": str(shirt.id), "quantity": 1}]
    mixed, plain = (
        await customer.pay(await customer.check_out(lines=lines)),
        await customer.pay(await customer.order_at_once(concert["ticket"])),
    )
    await staff_api.do(concert["path"], "cancel")
    begun = {"currency": "EUR", "orders_left": 2, "amount_left": 9000, "orders_refunded": 0, "amount_refunded": 0}
    assert (await refund_all(staff_api, concert))["currencies"] == [begun | {"orders_failed": 0, "amount_failed": 0}]
    await customer.jobs()
    assert await progress(staff_api, concert) == [0, 0, 2, 9000, 0, 0]
    mixed, plain = await customer.order(mixed), await customer.order(plain)
    assert [(each["state"], each["refunded"]) for each in (mixed, plain)] == [("paid", 6000), ("refunded", 3000)]
    assert await sql(db, "SELECT refunded FROM demo_checkout ORDER BY 1") == [(3000,), (6000,)]
    assert (await reserved(db, concert["ticket"]), await reserved(db, shirt.id)) == ([0], [1])


async def test_holders_hear_of_it_and_of_their_money(customer: Customer, staff_api: StaffApi, concert: dict) -> None:
    order = await customer.pay(await customer.order_at_once(concert["ticket"]))
    await staff_api.do(concert["path"], "cancel")
    await refund_all(staff_api, concert)
    await customer.jobs()
    subjects = [mail["Subject"] for mail in mails_about(order)]
    assert [words for words in ("is cancelled", "Your refund") if any(words in each for each in subjects)] == [
        "is cancelled",
        "Your refund",
    ]


async def test_what_came_back_before_is_not_paid_twice(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    order = await customer.pay(await customer.order_at_once(concert["ticket"], 3))
    path = f"/orders/{order['number']}/refund"
    piece = {"reason": "ill", "lines": [{"line": order["lines"][0]["id"], "quantity": 1}]}
    for part in (piece, {"reason": "late", "amount": 500}):
        await staff_api.ask("POST", path, json=part, headers={"Idempotency-Key": uuid4().hex})
    await staff_api.do(concert["path"], "cancel")
    assert await progress(staff_api, concert) == [1, 5500, 0, 0, 0, 0]
    await refund_all(staff_api, concert)
    await customer.jobs()
    shown = await customer.order(order)
    assert (shown["state"], shown["refunded"]) == ("refunded", 9000)
    assert await refunds(db) == [500, 3000, 5500]
    assert await progress(staff_api, concert) == [0, 0, 1, 5500, 0, 0]


async def test_what_could_not_be_sent_waits_until_somebody_refunds_it(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    orders = [await customer.pay(await customer.order_at_once(concert["ticket"], quantity)) for quantity in (1, 2)]
    await staff_api.do(concert["path"], "cancel")
    await refund_all(staff_api, concert)
    await fail_refund(customer, amount=6000)
    assert await progress(staff_api, concert) == [0, 0, 1, 3000, 1, 6000]
    for amount, told in ((2000, [0, 0, 1, 5000, 1, 4000]), (4000, [0, 0, 2, 9000, 0, 0])):
        part, key = {"reason": "another account", "amount": amount}, {"Idempotency-Key": uuid4().hex}
        await staff_api.ask("POST", f"/orders/{orders[1]['number']}/refund", json=part, headers=key)
        assert await progress(staff_api, concert) == told


async def test_free_tickets_come_back_too(customer: Customer, staff_api: StaffApi, concert: dict, db: Database) -> None:
    await sql(db, "UPDATE offer_price SET amount = 0")
    order = await customer.order_at_once(concert["ticket"], 2)
    await customer.jobs()
    await staff_api.do(concert["path"], "cancel")
    await refund_all(staff_api, concert)
    await customer.jobs()
    shown = await customer.order(order)
    assert (shown["state"], [each["code"] for each in tickets_of(shown)]) == ("refunded", [None, None])
    assert await reserved(db, concert["ticket"]) == [0]
    assert await progress(staff_api, concert) == [0, 0, 1, 0, 0, 0]


async def test_only_what_is_called_off_and_held_is_refunded(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    await customer.pay(await customer.order_at_once(concert["ticket"]))
    await staff_api.ask("POST", f"{concert['path']}/refunds", status=422)
    await refund_all(staff_api, concert, status=409)
    await staff_api.do(concert["path"], "cancel")
    await refund_all(staff_api, concert)
    await customer.jobs()
    refusal = await refund_all(staff_api, concert, status=409)
    assert refusal["type"].endswith("no-tickets-left")


async def test_two_managers_at_once_refund_once(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    for _ in range(4):
        await customer.pay(await customer.order_at_once(concert["ticket"]))
    await staff_api.do(concert["path"], "cancel")
    other = StaffApi(staff_api.client, await signed_in_as(db, "manager"))
    key = uuid4().hex
    await asyncio.gather(
        refund_all(staff_api, concert, key=key), refund_all(staff_api, concert, key=key), refund_all(other, concert)
    )
    await asyncio.gather(customer.jobs(), customer.jobs())
    await customer.jobs()
    assert await refunds(db) == [3000] * 4
    assert await sql(db, "SELECT DISTINCT refunded FROM payment") == [(3000,)]


async def test_the_trail_names_the_manager_for_each_order(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    await customer.pay(await customer.order_at_once(concert["ticket"]))
    await staff_api.do(concert["path"], "cancel")
    await refund_all(staff_api, concert)
    await customer.jobs()
    asked = "SELECT action, actor FROM audit_entry WHERE action IN ('concerts.refund_tickets', 'orders.refund')"
    audit_entries = await sql(db, asked)
    assert {row.action for row in audit_entries} == {"concerts.refund_tickets", "orders.refund"}
    assert len({row.actor for row in audit_entries if row.actor.startswith("user:")}) == 1


async def test_the_trail_tells_of_money_that_could_not_be_sent(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    await customer.pay(await customer.order_at_once(concert["ticket"], 2))
    await staff_api.do(concert["path"], "cancel")
    await refund_all(staff_api, concert)
    await fail_refund(customer, amount=6000)
    ((refund, order),) = await sql(db, "SELECT refund.id, orders.id FROM refund, orders")
    told = await sql(db, "SELECT subject_id, before, after FROM audit_entry WHERE action = 'orders.refund_failed'")
    assert told == [(order, {"refunded": 6000}, {"refunded": 0, "refund": str(refund)})]


async def test_who_may_not_refund_may_not_refund_all(staff_api: StaffApi, concert: dict, db: Database) -> None:
    door = StaffApi(staff_api.client, await signed_in_as(db, "moderator"))
    await refund_all(door, concert, status=403)
    await door.ask("GET", f"{concert['path']}/refunds", status=403)
