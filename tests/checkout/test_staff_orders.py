"""Staff find orders, cancel them, and give money back."""

import asyncio
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from apps.accounts.models import Role
from apps.core.db.database import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, mails_about, reserved, sql
from tests.kernel.books import mistakes
from tests.parts import tickets_of
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
keys = count()


async def tickets(db: Database, places: int = 10, **facts: Any) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, places, **facts)).id


def problem(answer: httpx.Response) -> str:
    return answer.json()["type"].removeprefix("urn:backline:problem:")


async def give_back(
    staff_api: StaffApi, order: dict, *, status: int = 200, key: str | None = None, **part: Any
) -> httpx.Response:
    key = key or f"a-refund-of-its-own-{next(keys)}"
    body = {"reason": "asked for", **part}
    headers = {"Idempotency-Key": key}
    return await staff_api.ask("POST", f"/orders/{order['number']}/refund", status=status, json=body, headers=headers)


class TestFinding:
    async def found(self, staff_api: StaffApi, query: str) -> list[str]:
        return [each["number"] for each in (await staff_api.get(f"/orders?{query}"))["items"]]

    async def test_by_number_address_name_and_state(
        self, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        offer = await tickets(db)
        ann = await customer.pay(await customer.order_at_once(offer, name="Änn Smith"))
        customer.email = "bob@example.org"
        bob = await customer.order_at_once(offer, name="Bob")
        for query, expected in {
            "": [bob, ann],
            f"q={ann['number'].lower()}": [ann],
            "q=BOB@exa": [bob],
            "q=example.org": [],
            "q=ann sm": [ann],
            "state=paid": [ann],
            "state=expired": [],
        }.items():
            assert await self.found(staff_api, query) == [each["number"] for each in expected], query

    async def test_by_what_it_holds(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            ticket, shirt = await make_tickets(session, 5), await make_shirt(session)
        with_ticket, with_shirt = await customer.order_at_once(ticket.id), await customer.order_at_once(shirt.id)
        assert await self.found(staff_api, f"concert={ticket.concert_id}") == [with_ticket["number"]]
        assert await self.found(staff_api, f"product={shirt.product_id}") == [with_shirt["number"]]
        assert await self.found(staff_api, f"product={uuid7()}") == []

    async def test_by_when_it_was_placed(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        first, second = await customer.order_at_once(offer), await customer.order_at_once(offer)
        ((moment,),) = await sql(db, "SELECT created_at FROM orders WHERE number = :number", number=second["number"])
        moment = moment.isoformat().replace("+00:00", "Z")
        assert await self.found(staff_api, f"from={moment}") == [second["number"]]
        assert await self.found(staff_api, f"to={moment}") == [first["number"]]
        for wrong in ("yesterday", "2027-05-21T18:00:00", "0001-01-01T00:00:00Z"):
            problem = await staff_api.get(f"/orders?from={wrong}", status=422)
            assert [each["field"] for each in problem["errors"]] == ["from"]

    async def test_a_page_at_a_time(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        numbers = [(await customer.order_at_once(offer))["number"] for _ in range(5)]
        first = await staff_api.get("/orders?limit=3")
        second = await staff_api.get(f"/orders?limit=3&after={first['next']}")
        assert [each["number"] for each in first["items"] + second["items"]] == numbers[::-1]
        await staff_api.get(f"/orders?state=paid&after={first['next']}", status=422)


class TestShowing:
    async def test_all_there_is_but_what_opens_the_door(
        self, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db), 2))
        answer = await staff_api.ask("GET", f"/orders/{order['number'].lower()}")
        shown = answer.json()
        assert (shown["state"], shown["total"], len(tickets_of(shown))) == ("paid", 6000, 2)
        assert [(each["state"], each["captured"]) for each in shown["payments"]] == [("confirmed", 6000)]
        assert "orders.paid" in [each["action"] for each in shown["timeline"]]
        assert order["key"] not in answer.text
        assert tickets_of(order)[0]["code"] not in answer.text

    async def test_an_unknown_number_is_not_found(self, staff_api: StaffApi) -> None:
        for path in ("/orders/NOBODYS1", "/orders/%F0%9F%8E%B8"):
            await staff_api.get(path, status=404)


class TestCancelling:
    async def test_an_order_not_paid_is_called_off_once(
        self, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        offer = await tickets(db)
        order = await customer.order_at_once(offer, 2)
        path = f"/orders/{order['number']}"
        first, again = await staff_api.do(path, "cancel"), await staff_api.do(path, "cancel")
        assert (first["state"], again, await reserved(db, offer)) == ("cancelled", first, [0])
        (entry,) = [each for each in first["timeline"] if each["action"] == "orders.cancelled"]
        assert entry["actor"].startswith("user:")

    async def test_a_paid_one_is_not(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        refused = await staff_api.ask("POST", f"/orders/{order['number']}/cancel", status=409)
        assert (problem(refused), refused.json()["state"]) == ("order-not-pending", "paid")
        russian = {"Accept-Language": "ru"}
        refused = await staff_api.ask("POST", f"/orders/{order['number']}/cancel", status=409, headers=russian)
        assert refused.json()["title"] == "Этот заказ оплачен: вместо отмены за него можно вернуть деньги."

    async def test_of_paying_and_cancelling_at_once_one_wins(
        self, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        order = await customer.order_at_once(await tickets(db), 2)
        payment = await customer.start_payment(order)
        cancel = staff_api.client.post(f"/api/v1/staff/orders/{order['number']}/cancel", headers=staff_api.headers)
        pay = staff_api.client.post(f"{payment['pay_url']}/pay")
        answer, _ = await asyncio.gather(cancel, pay)
        await customer.jobs()
        state = (await customer.order(order))["state"]
        assert (answer.status_code, state) in ((200, "cancelled"), (409, "paid"))
        assert await mistakes(db, done=True) == []


class TestRefunding:
    @pytest.fixture
    async def order(self, customer: Customer, db: Database) -> dict:
        return await customer.pay(await customer.order_at_once(await tickets(db), 4))

    async def test_the_whole(self, staff_api: StaffApi, customer: Customer, order: dict) -> None:
        shown = (await give_back(staff_api, order, whole=True)).json()
        assert (shown["state"], shown["refunded"]) == ("refunded", 12000)
        assert [(each["amount"], each["reason"]) for each in shown["refunds"]] == [(12000, "asked for")]
        assert {each["state"] for each in tickets_of(shown)} == {"cancelled"}
        await customer.jobs()
        assert (await staff_api.get(f"/orders/{order['number']}"))["refunds"][0]["state"] == "done"
        assert len(mails_about(order)) == 2

    async def test_some_pieces_then_an_amount_then_the_rest(self, staff_api: StaffApi, order: dict) -> None:
        line = order["lines"][0]["id"]
        pieces = [{"line": line, "quantity": 1}, {"line": line, "quantity": 1}]
        assert (await give_back(staff_api, order, lines=pieces)).json()["lines"][0]["refunded_quantity"] == 2
        assert (await give_back(staff_api, order, amount=500)).json()["refunded"] == 6500
        rest = (await give_back(staff_api, order, whole=True)).json()
        assert (rest["state"], [each["amount"] for each in rest["refunds"]]) == ("refunded", [6000, 500, 5500])

    async def test_a_repeat_changes_nothing(self, staff_api: StaffApi, order: dict, db: Database) -> None:
        first = await give_back(staff_api, order, key="the-same-refund-1", amount=500)
        again = await give_back(staff_api, order, key="the-same-refund-1", amount=500)
        assert again.json() == first.json()
        other = await give_back(staff_api, order, status=422, key="the-same-refund-1", amount=501)
        assert problem(other) == "idempotency-key-reused"
        await sql(db, "DELETE FROM idempotency_record")
        assert (await give_back(staff_api, order, key="the-same-refund-1", amount=500)).json()["refunded"] == 500

    async def test_it_needs_a_key_and_one_part(self, staff_api: StaffApi, order: dict) -> None:
        path, body = f"/orders/{order['number']}/refund", {"reason": "asked for", "whole": True}
        refused = await staff_api.ask("POST", path, status=422, json=body)
        assert [each["field"] for each in refused.json()["errors"]] == ["Idempotency-Key"]
        for part in ({}, {"whole": True, "amount": 1}, {"amount": 0}, {"lines": []}, {"reason": " ", "whole": True}):
            await give_back(staff_api, order, status=422, **part)

    async def test_no_more_than_was_paid_or_bought(self, staff_api: StaffApi, order: dict) -> None:
        line = order["lines"][0]["id"]
        for part in ({"amount": 12001}, {"lines": [{"line": line, "quantity": 5}]}):
            assert problem(await give_back(staff_api, order, status=409, **part)) == "nothing-to-refund"
        await give_back(staff_api, order, status=404, lines=[{"line": str(uuid7()), "quantity": 1}])

    async def test_not_of_an_order_that_is_not_paid(
        self, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        order = await customer.order_at_once(await tickets(db))
        assert problem(await give_back(staff_api, order, status=409, whole=True)) == "order-not-paid"

    async def test_two_people_at_once_never_give_back_more_than_was_paid(
        self, staff_api: StaffApi, order: dict, customer: Customer, db: Database
    ) -> None:
        other = StaffApi(staff_api.client, await signed_in_as(db, "manager"))
        url, body = f"/api/v1/staff/orders/{order['number']}/refund", {"reason": "asked for", "amount": 5000}
        answers = await asyncio.gather(
            *(
                each.client.post(url, json=body, headers={**each.headers, "Idempotency-Key": f"at-once-refund-{n}"})
                for n, each in enumerate([staff_api, other] * 3)
            )
        )
        assert sorted(each.status_code for each in answers) == [200, 200, 409, 409, 409, 409]
        await customer.jobs()
        assert await sql(db, "SELECT captured, refunded FROM payment") == [(12000, 10000)]
        assert await mistakes(db, done=True) == []

    async def test_the_same_request_from_many_is_one(self, staff_api: StaffApi, order: dict, db: Database) -> None:
        answers = await asyncio.gather(
            *(give_back(staff_api, order, key="pressed-many-times", amount=500) for _ in range(5))
        )
        assert len({answer.text for answer in answers}) == 1
        assert await sql(db, "SELECT amount FROM refund") == [(500,)]


@pytest.mark.parametrize(
    ("role", "statuses"), [("door", [403] * 3), ("moderator", [200, 403, 403]), ("admin", [200] * 3)]
)
async def test_who_may_do_what(
    client: httpx.AsyncClient, customer: Customer, db: Database, role: str, statuses: list[int]
) -> None:
    paid = await customer.pay(await customer.order_at_once(await tickets(db)))
    pending = await customer.order_at_once(await tickets(db))
    staff_api = StaffApi(client, await signed_in_as(db, role))
    looks, cancels, refunds = statuses
    await staff_api.get(f"/orders/{paid['number']}", status=looks)
    await staff_api.do(f"/orders/{pending['number']}", "cancel", status=cancels)
    await give_back(staff_api, paid, status=refunds, whole=True)


async def test_refunding_is_no_part_of_cancelling(client: httpx.AsyncClient, customer: Customer, db: Database) -> None:
    paid = await customer.pay(await customer.order_at_once(await tickets(db)))
    async with db.begin() as session:
        session.add(Role(name="desk", title="Desk", permissions=["orders.view", "orders.cancel"]))
    staff_api = StaffApi(client, await signed_in_as(db, "desk"))
    await give_back(staff_api, paid, status=403, amount=1)
    assert (await staff_api.get(f"/orders/{paid['number']}"))["refunded"] == 0
