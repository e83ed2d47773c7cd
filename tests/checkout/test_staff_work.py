"""What staff do for orders over the API: give away, pack and send, mail again; and new prices at once."""

import msgspec
import pytest

from apps.core.db.database import Database
from project.settings import settings
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, mails_about, reserved, sql
from tests.parts import shipments_of, tickets_of
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
ADDRESS = {"line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20359", "country": "DE"}
KEY = {"Idempotency-Key": "this-is-done-only-once"}
GUEST = {"email": "guest@example.org", "name": "Ada Guest", "locale": "en", "reason": "Guest list"}


class TestParcels:
    async def test_are_sent_with_their_number_and_the_customer_is_told_once(
        self, customer: Customer, staff_api: StaffApi, db: Database
    ) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        order = await customer.order_at_once(shirt.id, delivery="ship", address=ADDRESS)
        await customer.pay(order)
        path, sent = f"/orders/{order['number']}", {"state": "shipped", "tracking": "JJD0001"}
        for _ in range(2):
            shown = (await staff_api.ask("POST", f"{path}/parcels", json=sent, headers=KEY)).json()
            assert [(each["state"], each["tracking"]) for each in shipments_of(shown)] == [("shipped", "JJD0001")]
        await customer.jobs()
        assert len(mails_about(order)) == 2, "the order's and the parcel's"
        corrected = await staff_api.ask("PUT", f"{path}/tracking", json={"tracking": "JJD0002"})
        assert shipments_of(corrected.json())[0]["tracking"] == "JJD0002"
        problem = await staff_api.ask("POST", f"{path}/parcels", status=409, json={"state": "packed"})
        assert problem.json()["type"].endswith("nothing-to-move")
        await staff_api.ask("POST", f"{path}/parcels", status=422, json={"state": "delivered", "tracking": "X"})
        await staff_api.ask("POST", f"{path}/parcels", status=422, json={"state": "cancelled"})
        await staff_api.ask("POST", "/orders/NOTHERE1/parcels", status=404, json={"state": "packed"})


class TestResend:
    async def test_mails_again_and_not_for_ever(self, customer: Customer, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 10)
        order = await customer.order_at_once(ticket.id)
        path = f"/orders/{order['number']}/resend"
        await staff_api.ask("POST", path, status=422, json={})
        await staff_api.ask("POST", path, status=409, json={}, headers=KEY)
        paid = await customer.pay(order)
        for _ in range(2):
            await staff_api.ask("POST", path, json={"new_codes": True}, headers=KEY)
        await customer.jobs()
        assert len(mails_about(order)) == 2
        renewed = await customer.client.get(f"/api/v1/orders/{order['number']}?key={order['key']}")
        assert renewed.status_code == 404, "the old link is worth nothing"
        for n in range(4):
            await staff_api.ask("POST", path, json={}, headers={"Idempotency-Key": f"another-mail-{n:04}"})
        refused = await staff_api.ask(
            "POST", path, status=429, json={}, headers={"Idempotency-Key": "one-mail-too-many"}
        )
        assert refused.headers["retry-after"] == "3600"
        assert tickets_of(paid)


class TestGiveAway:
    async def test_is_an_order_of_nothing_to_pay(self, customer: Customer, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 3)
        body = GUEST | {"lines": [{"offer": str(ticket.id), "quantity": 2}]}
        answers = [await staff_api.ask("POST", "/orders", status=201, json=body, headers=KEY) for _ in range(2)]
        order = answers[0].json()
        assert answers[0].headers["location"] == f"/api/v1/staff/orders/{order['number']}"
        assert answers[1].json() == order
        assert (order["state"], order["total"]) == ("paid", 0)
        await customer.jobs()
        assert len(tickets_of(await staff_api.get(f"/orders/{order['number']}"))) == 2
        assert len(mails_about(order)) == 1
        assert await reserved(db, ticket.id) == [2]
        refused = await staff_api.ask("POST", "/orders", status=409, json=body, headers={"Idempotency-Key": "x" * 16})
        assert refused.json()["type"].endswith("sold-out")
        await staff_api.ask("POST", "/orders", status=422, json=body)

    async def test_is_sent_without_asking_for_the_postage(
        self, customer: Customer, staff_api: StaffApi, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        charging = msgspec.structs.replace(settings, shipping_price=490)
        monkeypatch.setattr("apps.checkout.queue.sale_rules.settings", charging)
        async with db.begin() as session:
            shirt = await make_shirt(session)
        lines = [{"offer": str(shirt.id), "quantity": 1}]
        body = GUEST | {"email": "Guest@Example.org", "address": ADDRESS, "lines": lines}
        order = (await staff_api.ask("POST", "/orders", status=201, json=body, headers=KEY)).json()
        assert (order["state"], order["total"], order["email"]) == ("paid", 0, "guest@example.org")
        await customer.jobs()
        assert await sql(db, "SELECT address FROM shipment") == [(ADDRESS,)]

    @pytest.mark.parametrize(
        "gone", ["offer SET archived_at = now()", "concert SET archived_at = now()", "concert SET state = 'cancelled'"]
    )
    async def test_is_not_for_what_is_gone(self, staff_api: StaffApi, db: Database, gone: str) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 3)
        await sql(db, f"UPDATE {gone}")
        body = GUEST | {"lines": [{"offer": str(ticket.id), "quantity": 1}]}
        refused = (await staff_api.ask("POST", "/orders", status=409, json=body, headers=KEY)).json()
        assert refused["type"].endswith("not-to-be-given")
        assert await reserved(db, ticket.id) == [0]

    async def test_needs_a_name_and_an_address_that_can_be(self, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        lines = [{"offer": str(shirt.id), "quantity": 1}]
        body = GUEST | {"name": ".", "address": ADDRESS | {"city": "?"}, "lines": lines}
        refused = (await staff_api.ask("POST", "/orders", status=422, json=body, headers=KEY)).json()
        assert [error["field"] for error in refused["errors"]] == ["name", "address.city"]
        assert await reserved(db, shirt.id) == [0]


class TestNewPrices:
    async def test_change_all_variants_once(self, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        path = f"/products/{shirt.product_id}/reprice"
        body = {"percent": -10, "before": "price"}
        for _ in range(2):
            shown = (await staff_api.ask("POST", path, json=body, headers=KEY)).json()
            price = shown["items"][0]["prices"]["EUR"]
            assert (price["amount"], price["compare_at"]) == (2250, 2500)
        await staff_api.ask("POST", path, status=422, json=body)
        await staff_api.ask(
            "POST", path, status=422, json={"before": "none"}, headers={"Idempotency-Key": "neither-nor-given"}
        )
        assert [tuple(row) for row in await sql(db, "SELECT amount FROM offer_price")] == [(2250,)]


@pytest.mark.parametrize(("role", "status"), [("door", 403), ("manager", 404)])
async def test_each_needs_its_permission(customer: Customer, db: Database, role: str, status: int) -> None:
    staff_api = StaffApi(customer.client, await signed_in_as(db, role))
    nothing = "0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60"
    for path, body in {
        "/orders/NOTHERE1/parcels": {"state": "packed"},
        "/orders/NOTHERE1/resend": {},
        f"/products/{nothing}/reprice": {"percent": 5, "before": "none"},
    }.items():
        await staff_api.ask("POST", path, status=status, json=body, headers=KEY)
