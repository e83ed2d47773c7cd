"""Withdrawals over the API and in the back office: what is refunded, what is held back, who is told what."""

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError

from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn, clerk, manager
from tests.backoffice.orders import HOME, details, sent_shirt, shirts, tickets
from tests.invoices.conftest import taxed
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, mails_about, sql
from tests.parts import shipments_of
from tests.staff import signed_in_as

__all__ = ["clerk", "client", "customer", "manager", "server", "taxed"]
pytestmark = pytest.mark.anyio
STAFF = "/api/v1/staff/withdrawals"
REFUNDS = "SELECT amount FROM refund ORDER BY id"


class Withdrawer:
    """A fan over the API."""

    def __init__(self, customer: Customer, order: dict) -> None:
        self.client, self.order = customer.client, order
        self.url = f"/api/v1/orders/{order['number']}/withdrawals?key={order['key']}"

    async def look(self) -> dict:
        answer = await self.client.get(self.url)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def withdraw(self, *, status: int = 201, key: str | None = None, **said: Any) -> dict:
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.client.post(self.url, json={"name": "Ada", **said}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def line(self, number: int = 0, quantity: int = 1) -> dict:
        return {"line": self.order["lines"][number]["id"], "quantity": quantity}


async def bought(customer: Customer, db: Database, *quantities: int, with_ticket: bool = False) -> Withdrawer:
    offers = [(await shirts(db), quantity) for quantity in quantities]
    if with_ticket:
        offers.append((await tickets(db), 1))
    lines = [{"offer": str(offer), "quantity": quantity} for offer, quantity in offers]
    order = await customer.check_out(lines=lines, delivery="ship", address=HOME)
    return Withdrawer(customer, await customer.pay(order))


async def staff(customer: Customer, headers: dict, path: str, *, status: int = 200, **body: Any) -> dict:
    answer = await customer.client.post(f"{STAFF}/{path}", json=body or None, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_what_can_be_withdrawn_and_what_was(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 2, with_ticket=True)
    seen = await fan.look()
    assert [(each["title"], each["quantity"]) for each in seen["lines"]] == [("Shirt · L", 2)]
    assert (seen["last_day"], seen["withdrawals"]) == (None, [])
    made = await fan.withdraw(lines=[fan.line()], email="Other@Example.org")
    assert (made["state"], made["email"]) == ("open", "other@example.org")
    again = await fan.look()
    assert again["withdrawals"] == [made]
    assert [each["quantity"] for each in again["lines"]] == [1]


async def test_a_ticket_cannot_be_withdrawn_from(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 1, with_ticket=True)
    refused = await fan.withdraw(lines=[fan.line(1)], status=409)
    assert refused["type"].endswith("nothing-to-withdraw")


async def test_the_same_key_is_the_same_withdrawal(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 3)
    first = await fan.withdraw(lines=[fan.line()], key="once-and-no-more")
    assert await fan.withdraw(lines=[fan.line()], key="once-and-no-more") == first
    await fan.withdraw(lines=[fan.line(0, 2)], key="once-and-no-more", status=422)
    assert len((await fan.look())["withdrawals"]) == 1


async def test_two_at_once_get_no_more_than_was_bought(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 1)
    answers = await asyncio.gather(*(fan.client.post(fan.url, json={"name": "Ada"}) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]


async def test_the_database_refuses_too_many(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 2)
    await fan.withdraw(lines=[fan.line()])
    with pytest.raises(IntegrityError, match="a withdrawal is within its order"):
        await sql(db, "UPDATE withdrawal_line SET quantity = 3")


async def test_a_refund_at_the_same_moment(customer: Customer, db: Database) -> None:
    """Whichever comes first: money goes back once."""
    fan = await bought(customer, db, 1)
    headers = await signed_in_as(db, "admin")
    refund = customer.client.post(
        f"/api/v1/staff/orders/{fan.order['number']}/refund",
        json={"whole": True, "reason": "call"},
        headers={**headers, "Idempotency-Key": "refund-at-that-moment"},
    )
    refunded, withdrawn = await asyncio.gather(refund, fan.client.post(fan.url, json={"name": "Ada"}))
    assert refunded.status_code == 200, refunded.text
    assert withdrawn.status_code in (201, 409)
    for each in (await fan.look())["withdrawals"]:
        await staff(customer, headers, f"{each['id']}/refund")
    assert await sql(db, "SELECT sum(amount) FROM refund") == [(fan.order["total"],)]


@pytest.mark.usefixtures("taxed")
class TestMoney:
    async def test_all_merch_takes_the_shipping_with_it(self, customer: Customer, db: Database) -> None:
        fan = await bought(customer, db, 1, 1, with_ticket=True)
        assert fan.order["shipping"] == 490
        first, second = [await fan.withdraw(lines=[fan.line(number)]) for number in range(2)]
        headers = await signed_in_as(db, "admin")
        assert (await staff(customer, headers, f"{first['id']}/refund"))["state"] == "refunded"
        await staff(customer, headers, f"{second['id']}/refund")
        price = fan.order["lines"][0]["unit_price"]
        assert await sql(db, REFUNDS) == [(price,), (price + 490,)]
        await staff(customer, headers, f"{second['id']}/refund", status=409)
        await customer.jobs()
        order = await customer.order(fan.order)
        assert (order["state"], [each["refunded_quantity"] for each in order["lines"]]) == ("paid", [1, 1, 0])
        assert {each["state"] for each in shipments_of(order)} == {"cancelled"}

    async def test_what_went_back_before_does_not_go_again(self, customer: Customer, db: Database) -> None:
        fan = await bought(customer, db, 1)
        made = await fan.withdraw()
        headers = await signed_in_as(db, "admin")
        url, body = f"/api/v1/staff/orders/{fan.order['number']}/refund", {"amount": 500, "reason": "kindness"}
        await customer.client.post(url, json=body, headers={**headers, "Idempotency-Key": "before-the-refund"})
        await staff(customer, headers, f"{made['id']}/refund")
        assert await sql(db, REFUNDS) == [(500,), (fan.order["total"] - 500,)]


async def test_staff_in_the_back_office(manager: Clerk, customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 1)
    await fan.withdraw()
    assert "1, withdrawn: 1" in (await details(manager, db, fan.order)).text
    home = await manager.visit("/admin/")
    listed = await manager.visit(next(url for label, url in home.links.items() if "Returns to see to" in label))
    assert fan.order["number"] in listed.text
    ((id,),) = await sql(db, "SELECT id FROM withdrawal")
    page = await manager.visit(f"/admin/withdrawal/details/{id}")
    assert "I withdraw from the contract" in page.text
    await manager.follow("Goods received")
    await manager.press("Goods received")
    await manager.visit(f"/admin/withdrawal/details/{id}")
    await manager.follow("Refund")
    await manager.visit(f"/admin/withdrawal/do/refund?pks={id}")
    seen = await manager.press("Preview changes")
    assert "What goes back" in seen.text
    await manager.press("Refund")
    assert await sql(db, "SELECT state FROM withdrawal") == [("refunded",)]
    assert await sql(db, REFUNDS) == [(fan.order["total"],)]


async def test_a_refusal_is_mailed(manager: Clerk, customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 1)
    await fan.withdraw(email="other@example.org")
    ((id,),) = await sql(db, "SELECT id FROM withdrawal")
    await manager.visit(f"/admin/withdrawal/details/{id}")
    await manager.follow("Refuse")
    await manager.press("Refuse", reason="The seal is <b>broken</b>.")
    await customer.jobs()
    (mail,) = [each for each in mails_about(fan.order) if "is refused" in each["Subject"]]
    assert mail["To"] == "other@example.org"
    assert "The seal is <b>broken</b>." in str(mail.get_body(("plain",)).get_content())
    assert "<b>" not in str(mail.get_body(("html",)).get_content())
    assert [each["quantity"] for each in (await fan.look())["lines"]] == [1]


async def test_what_is_withdrawn_is_not_sent(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 1, 1)
    made = await fan.withdraw(lines=[fan.line()])
    headers = await signed_in_as(db, "admin")
    url = f"/api/v1/staff/orders/{fan.order['number']}/parcels"
    answer = await customer.client.post(url, json={"state": "shipped"}, headers=headers)
    assert answer.status_code == 200, answer.text
    states = [(each["state"], each["withdrawn"]) for each in shipments_of(await customer.order(fan.order))]
    assert states == [("unfulfilled", 1), ("shipped", 0)]
    await staff(customer, headers, f"{made['id']}/refuse", reason="Made for you alone")
    await customer.client.post(url, json={"state": "shipped"}, headers=headers)
    assert [each["state"] for each in shipments_of(await customer.order(fan.order))] == ["shipped", "shipped"]


async def test_who_may(customer: Customer, db: Database, clerk: SignIn) -> None:
    fan = await bought(customer, db, 1)
    made = await fan.withdraw()
    headers = await signed_in_as(db, "door")
    await staff(customer, headers, f"{made['id']}/refund", status=403)
    assert (await customer.client.get(STAFF, headers=headers)).status_code == 403


async def test_only_where_it_is_offered(customer: Customer, db: Database) -> None:
    fan = await bought(customer, db, 1)
    for days, countries, is_open in ((14, "CH", False), (14, "EU CH", True), (0, "", False), (14, "", True)):
        msgspec.structs.force_setattr(settings, "withdrawal_days", days)
        msgspec.structs.force_setattr(settings, "withdrawal_countries", countries)
        assert bool((await fan.look())["lines"]) == is_open


async def test_a_free_order_and_an_unpaid_one(customer: Customer, db: Database) -> None:
    unpaid = await customer.order_at_once(await shirts(db), delivery="ship", address=HOME)
    assert (await Withdrawer(customer, unpaid).look())["lines"] == []
    free = await customer.order_at_once(await shirts(db, price=0), delivery="ship", address=HOME)
    assert (await Withdrawer(customer, free).look())["lines"] == []
    paid = await sent_shirt(customer, db)
    assert len((await Withdrawer(customer, paid).look())["lines"]) == 1
