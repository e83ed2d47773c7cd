"""Managers find orders and their payments, and see all there is about them."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import ask, details, id_of, sent_shirt, tickets
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.parts import tickets_of
from tests.queries import counting

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio


class TestList:
    async def found(self, clerk: Clerk, query: str) -> set[str]:
        page = await clerk.visit(f"/admin/order/list?{query}")
        return {text for text, href in page.links.items() if href.startswith("/admin/order/details/")}

    async def test_search_by_number_email_and_name(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        ann = (await customer.order_at_once(offer, name="Änn Smith"))["number"]
        customer.email = "bob@example.org"
        bob = (await customer.order_at_once(offer, name="Bob 100%"))["number"]
        words = {ann.lower(): {ann}, "BOB@": {bob}, "smith nn": {ann}, "100%": {bob}, "nobody": set(), "": {ann, bob}}
        for q, expected in words.items():
            assert await self.found(manager, f"q={q.replace('%', '%25')}") == expected, q

    async def test_filters_by_state_parcels_concert_and_product(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        parcel, offer = (await sent_shirt(customer, db))["number"], await tickets(db)
        waiting = (await customer.order_at_once(offer))["number"]
        concert = (await sql(db, "SELECT concert_id FROM ticket_type"))[0][0]
        product = (await sql(db, "SELECT product_id FROM variant"))[0][0]
        assert await self.found(manager, "state=pending") == {waiting}
        assert await self.found(manager, "shipments=to-ship") == {parcel}
        assert await self.found(manager, f"concert={concert}") == {waiting}
        assert await self.found(manager, f"product={product}") == {parcel}
        assert await self.found(manager, "placed_to=2020-01-01") == set()

    async def test_a_concert_that_is_typed_narrows_as_if_chosen(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        await sent_shirt(customer, db)
        waiting = (await customer.order_at_once(await tickets(db)))["number"]
        assert await self.found(manager, "concert.words=berlin") == {waiting}
        assert await self.found(manager, "concert.words=nowhere") == set()
        page = await manager.visit("/admin/order/list?concert.words=nowhere")
        assert "Choose one from the list, or type more of the name." in page.text

    async def test_more_orders_are_not_more_queries(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer, asked = await tickets(db, 40), []
        for _round in range(2):
            for _ in range(3):
                await customer.order_at_once(offer)
            with counting() as sent:
                await manager.visit("/admin/order/list?q=fan&state=pending&sort=total")
            asked.append(len(sent))
        assert asked[0] == asked[1] < 12

    async def test_export_is_what_the_list_shows(
        self, manager: Clerk, clerk: SignIn, customer: Customer, db: Database
    ) -> None:
        offer = await tickets(db)
        order = await customer.order_at_once(offer, 2, name="=cmd()")
        await customer.order_at_once(offer, name="Other")
        lines = (await manager.client.get("/admin/order/export/csv?q=cmd")).text.splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(order["number"])
        assert "'=cmd(),fan@example.org,2,EUR,60.00,0.00,Unpaid" in lines[1]
        moderator = await clerk("moderator")
        assert (await moderator.client.get("/admin/order/export/csv")).status_code == 403


class TestDetails:
    async def test_one_page_tells_it_all(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db, name="Ann")
        page = await details(manager, db, order)
        for words in (
            "Ann",
            "fan@example.org",
            "Quay 1, 20457 Hamburg, Germany",
            "€25.00",
            "To pack",
            "Placed.",
            "€25.00 received.",
            "Emailed to",
        ):
            assert words in page.text, words

    async def test_codes_and_keys_are_not_on_it(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        page = await details(manager, db, order)
        assert "Valid" in page.text
        assert tickets_of(order)[0]["code"] not in page.answer.text
        assert order["key"] not in page.answer.text

    async def test_what_customers_typed_is_only_text(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db, name="<script>alert(1)</script>")
        page = await details(manager, db, order)
        assert "<script>alert(1)" not in page.answer.text
        assert "<script>alert(1)</script>" in page.text


class TestPayments:
    async def test_lead_to_their_orders(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        page = await manager.visit(f"/admin/payment/list?q={order['number']}&state=confirmed")
        assert order["number"] in page.links
        await manager.follow(order["number"])
        assert "Live · Standing" in manager.page.text

    async def test_more_payments_are_not_more_queries(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer, asked = await tickets(db, 40), []
        for _round in range(2):
            for _ in range(2):
                await customer.start_payment(await customer.order_at_once(offer))
            with counting() as sent:
                await manager.visit("/admin/payment/list?q=fan")
            asked.append(len(sent))
        assert asked[0] == asked[1] < 12


ALL = (
    "note",
    "pack",
    "send",
    "resend",
    "renew",
    "refund-lines",
    "refund-amount",
    "refund",
    "cancel",
    "hand-over",
    "arrive",
)


async def test_who_only_looks_may_write_notes_and_nothing_else(
    manager: Clerk, clerk: SignIn, customer: Customer, db: Database
) -> None:
    order, moderator = await sent_shirt(customer, db), await clerk("moderator")
    for action in ALL:
        await ask(moderator, db, action, order, status=200 if action == "note" else 403)
    await moderator.visit(f"/admin/order/edit/{await id_of(db, order)}", status=403)
    await moderator.visit("/admin/order/create", status=403)
    page = await details(moderator, db, order)
    assert {"Add note"} == {text for text, href in page.links.items() if "/do/" in href}


async def test_the_door_does_not_see_orders(clerk: SignIn, customer: Customer, db: Database) -> None:
    order, door = await customer.order_at_once(await tickets(db)), await clerk("door")
    await details(door, db, order, status=404)
    await door.visit("/admin/order/list", status=404)
    await door.visit("/admin/payment/list", status=404)
