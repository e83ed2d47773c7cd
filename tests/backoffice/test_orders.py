"""Managers find orders, see all there is about them, and do what has to be done."""

import re
from typing import Any
from uuid import UUID

import pytest

from apps.core.db import Database
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.factories import make_shirt, make_tickets
from tests.journeys.buyer import Buyer, mails_about, sql, taken
from tests.journeys.conftest import buyer, client
from tests.kernel.books import mistakes
from tests.queries import counting

__all__ = ["buyer", "client"]
pytestmark = pytest.mark.anyio
HOME = {"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
OTHER_HOME = {"line1": "Quay 2", "city": "Hamburg", "postal_code": "20457", "country": "DE"}


async def tickets(db: Database, places: int = 10, **facts: Any) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, places, **facts)).id


async def shirts(db: Database, **facts: Any) -> UUID:
    async with db.begin() as session:
        return (await make_shirt(session, **facts)).id


async def sent_shirt(buyer: Buyer, db: Database, **facts: Any) -> dict:
    """A paid order whose parcel goes to HOME."""
    offer = await shirts(db)
    return await buyer.pay(await buyer.order_at_once(offer, delivery="ship", address=HOME, **facts))


async def id_of(db: Database, order: dict) -> UUID:
    return (await sql(db, "SELECT id FROM orders WHERE number = :number", number=order["number"]))[0].id


async def details(clerk: Clerk, db: Database, order: dict, *, status: int = 200) -> Page:
    return await clerk.visit(f"/admin/order/details/{await id_of(db, order)}", status=status)


async def ask(clerk: Clerk, db: Database, verb: str, *orders: dict, status: int = 200) -> Page:
    pks = "&".join([f"pks={await id_of(db, order)}" for order in orders])
    return await clerk.visit(f"/admin/order/do/{verb}?{pks}", status=status)


async def state_of(db: Database, order: dict) -> tuple[str, int]:
    row = (await sql(db, "SELECT state, refunded FROM orders WHERE number = :number", number=order["number"]))[0]
    return row.state, row.refunded


class TestList:
    async def found(self, clerk: Clerk, query: str) -> set[str]:
        page = await clerk.visit(f"/admin/order/list?{query}")
        return {text for text, href in page.links.items() if href.startswith("/admin/order/details/")}

    async def test_search_by_number_email_and_name(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer = await tickets(db)
        ann = (await buyer.order_at_once(offer, name="Änn Smith"))["number"]
        buyer.email = "bob@example.org"
        bob = (await buyer.order_at_once(offer, name="Bob 100%"))["number"]
        words = {ann.lower(): {ann}, "BOB@": {bob}, "nn sm": {ann}, "100%": {bob}, "nobody": set(), "": {ann, bob}}
        for q, expected in words.items():
            assert await self.found(manager, f"q={q.replace('%', '%25')}") == expected, q

    async def test_filters_by_state_parcels_concert_and_product(
        self, manager: Clerk, buyer: Buyer, db: Database
    ) -> None:
        parcel, offer = (await sent_shirt(buyer, db))["number"], await tickets(db)
        waiting = (await buyer.order_at_once(offer))["number"]
        concert = (await sql(db, "SELECT concert_id FROM ticket_type"))[0][0]
        product = (await sql(db, "SELECT product_id FROM variant"))[0][0]
        assert await self.found(manager, "state=pending") == {waiting}
        assert await self.found(manager, "parcels=to-ship") == {parcel}
        assert await self.found(manager, f"concert={concert}") == {waiting}
        assert await self.found(manager, f"product={product}") == {parcel}
        assert await self.found(manager, "placed_to=2020-01-01") == set()

    async def test_more_orders_are_not_more_queries(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer, asked = await tickets(db, 40), []
        for _round in range(2):
            for _ in range(3):
                await buyer.order_at_once(offer)
            with counting() as sent:
                await manager.visit("/admin/order/list?q=fan&state=pending&sort=total")
            asked.append(len(sent))
        assert asked[0] == asked[1] < 12

    async def test_export_is_what_the_list_shows(
        self, manager: Clerk, clerk: SignIn, buyer: Buyer, db: Database
    ) -> None:
        offer = await tickets(db)
        order = await buyer.order_at_once(offer, 2, name="=cmd()")
        await buyer.order_at_once(offer, name="Other")
        lines = (await manager.client.get("/admin/order/export/csv?q=cmd")).text.splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(order["number"])
        assert "'=cmd(),fan@example.org,2,EUR,60.00,0.00,Waiting for payment" in lines[1]
        moderator = await clerk("moderator")
        assert (await moderator.client.get("/admin/order/export/csv")).status_code == 403


class TestDetails:
    async def test_one_page_tells_it_all(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await sent_shirt(buyer, db, name="Ann")
        page = await details(manager, db, order)
        for words in (
            "Ann",
            "fan@example.org",
            "Quay 1",
            "€25.00",
            "To pack",
            "Placed.",
            "€25.00 received.",
            "Mailed to",
        ):
            assert words in page.text, words

    async def test_codes_and_keys_are_not_on_it(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.pay(await buyer.order_at_once(await tickets(db)))
        page = await details(manager, db, order)
        assert "Valid" in page.text
        assert order["tickets"][0]["code"] not in page.answer.text
        assert order["key"] not in page.answer.text

    async def test_what_buyers_typed_is_only_text(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await sent_shirt(buyer, db, name="<script>alert(1)</script>")
        page = await details(manager, db, order)
        assert "<script>alert(1)" not in page.answer.text
        assert "<script>alert(1)</script>" in page.text


class TestRefunds:
    async def test_everything_once_although_it_is_sent_twice(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer = await tickets(db)
        order = await buyer.pay(await buyer.order_at_once(offer, 2))
        page = await ask(manager, db, "refund", order)
        assert "Can be refunded €60.00" in page.text
        await manager.press("Refund everything", reason="rain")
        manager.page = page
        again = await manager.press("Refund everything", reason="rain")
        assert "/details/" in again.url
        assert await state_of(db, order) == ("refunded", 6000)
        assert await taken(db, offer) == [0]
        assert "€60.00 refunded: rain" in (await details(manager, db, order)).text
        assert await mistakes(db, done=False) == []

    async def test_pieces_of_one_line(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer = await tickets(db)
        order = await buyer.pay(await buyer.order_at_once(offer, 3))
        page = await ask(manager, db, "refund-lines", order)
        assert "3 of 3 are still with the buyer, €30.00 each." in page.text
        await manager.press("Refund pieces", lines_0_quantity=2, reason="two are ill")
        assert await state_of(db, order) == ("paid", 6000)
        assert await taken(db, offer) == [1]
        assert "Refunded: 2 × Live · Standing." in (await details(manager, db, order)).text

    async def test_an_amount(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer = await tickets(db)
        order = await buyer.pay(await buyer.order_at_once(offer))
        await ask(manager, db, "refund-amount", order)
        await manager.press("Refund amount", amount="7.50", reason="bad sight")
        assert await state_of(db, order) == ("paid", 750)
        assert await taken(db, offer) == [1]

    @pytest.mark.parametrize(
        ("verb", "button", "typed"),
        [
            ("refund", "Refund everything", {"reason": ""}),
            ("refund-amount", "Refund amount", {"amount": "99", "reason": "x"}),
            ("refund-amount", "Refund amount", {"amount": "much", "reason": "x"}),
            ("refund-lines", "Refund pieces", {"lines_0_quantity": 4, "reason": "x"}),
            ("refund-lines", "Refund pieces", {"reason": "nothing chosen"}),
        ],
    )
    async def test_what_cannot_be_is_refused_and_asked_again(
        self, manager: Clerk, buyer: Buyer, db: Database, verb: str, button: str, typed: dict
    ) -> None:
        order = await buyer.pay(await buyer.order_at_once(await tickets(db)))
        await ask(manager, db, verb, order)
        status = 409 if typed.get("amount") == "99" or "lines_0_quantity" in typed else 422
        page = await manager.press(button, status=status, **typed)
        assert page.value("reason") == typed["reason"]
        assert await state_of(db, order) == ("paid", 0)


class TestCallingOff:
    async def test_frees_what_was_held(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer = await tickets(db)
        order = await buyer.order_at_once(offer)
        await ask(manager, db, "cancel", order)
        await manager.press("Cancel order")
        assert await state_of(db, order) == ("cancelled", 0)
        assert await taken(db, offer) == [0]

    async def test_is_not_for_what_is_paid(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.order_at_once(await tickets(db))
        await ask(manager, db, "cancel", order)
        await buyer.pay(order)
        page = await manager.press("Cancel order", status=409)
        assert "cannot be done" in page.text


class TestMailAgain:
    async def test_to_the_buyer_and_to_another_address(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.pay(await buyer.order_at_once(await tickets(db)))
        for typed in ({}, {"email": "Ann@example.org"}):
            await ask(manager, db, "resend", order)
            await manager.press("Resend mail", **typed)
        await buyer.jobs()
        letters = mails_about(order)
        assert sorted(each["To"] for each in letters) == ["ann@example.org", "fan@example.org", "fan@example.org"]
        assert all(order["tickets"][0]["code"] in str(each.get_body(("plain",)).get_content()) for each in letters)

    async def test_with_new_codes_the_old_ones_are_worth_nothing(
        self, manager: Clerk, buyer: Buyer, db: Database
    ) -> None:
        order = await buyer.pay(await buyer.order_at_once(await tickets(db)))
        await ask(manager, db, "renew", order)
        await manager.press("Replace codes", email="ann@example.org")
        await buyer.jobs()
        await buyer.order(order, status=404)
        letter = next(each for each in mails_about(order) if each["To"] == "ann@example.org")
        assert order["tickets"][0]["code"] not in str(letter.get_body(("plain",)).get_content())

    async def test_no_more_than_five_times_an_hour(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.pay(await buyer.order_at_once(await tickets(db)))
        for status in [200] * 5 + [429]:
            await ask(manager, db, "resend", order)
            await manager.press("Resend mail", status=status)

    async def test_many_at_once(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer = await tickets(db)
        orders = [await buyer.pay(await buyer.order_at_once(offer)) for _ in range(2)]
        await ask(manager, db, "resend", *orders)
        await manager.press("Resend mail")
        await buyer.jobs()
        assert [len(mails_about(order)) for order in orders] == [2, 2]


class TestParcels:
    async def states(self, db: Database) -> list[str]:
        return [row.state for row in await sql(db, "SELECT state FROM shipment ORDER BY id")]

    async def test_go_from_hand_to_hand(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await sent_shirt(buyer, db)
        for verb, button, state in (
            ("pack", "Mark packed", "packed"),
            ("send", "Mark shipped", "shipped"),
            ("arrive", "Mark delivered", "delivered"),
            ("return", "Mark returned", "returned"),
        ):
            await ask(manager, db, verb, order)
            await manager.press(button, **({"note": "RX 12"} if verb == "send" else {}))
            assert await self.states(db) == [state]
        assert "Parcel: Shipped. RX 12" in (await details(manager, db, order)).text

    async def test_several_are_sent_together_packed_or_not(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        orders = [await sent_shirt(buyer, db), await sent_shirt(buyer, db)]
        await ask(manager, db, "pack", orders[0])
        await manager.press("Mark packed")
        await ask(manager, db, "send", *orders)
        await manager.press("Mark shipped")
        assert await self.states(db) == ["shipped", "shipped"]

    async def test_all_or_none(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        orders = [await sent_shirt(buyer, db), await buyer.pay(await buyer.order_at_once(await tickets(db)))]
        await ask(manager, db, "pack", *orders)
        await manager.press("Mark packed", status=409)
        assert await self.states(db) == ["unfulfilled"]

    async def test_merch_is_handed_over(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.pay(await buyer.order_at_once(await shirts(db)))
        await ask(manager, db, "hand-over", order)
        await manager.press("Mark picked up")
        assert await self.states(db) == ["picked_up"]


class TestBuyer:
    async def test_put_right_with_the_parcel(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await sent_shirt(buyer, db)
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", email="New@example.org", address_line1="Quay 2")
        rows = await sql(
            db, "SELECT email, orders.address, shipment.address FROM orders JOIN shipment ON order_id = orders.id"
        )
        assert rows == [("new@example.org", OTHER_HOME, OTHER_HOME)]
        assert "fan@example.org → new@example.org" in (await details(manager, db, order)).text

    async def test_a_parcel_on_its_way_keeps_its_address(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await sent_shirt(buyer, db)
        await ask(manager, db, "send", order)
        await manager.press("Mark shipped")
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", address_line1="Quay 2")
        assert await sql(db, "SELECT address FROM shipment") == [(HOME,)]

    async def test_an_address_is_not_wiped(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await sent_shirt(buyer, db)
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        blank = {f"address_{name}": "" for name in HOME}
        page = await manager.press("Save", status=422, **blank)
        assert "An address is needed" in page.text

    async def test_two_at_once_are_a_conflict(self, manager: Clerk, clerk: SignIn, buyer: Buyer, db: Database) -> None:
        order, other = await buyer.order_at_once(await tickets(db)), await clerk("manager")
        for each in (manager, other):
            await each.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", name="Ann")
        page = await other.press("Save", status=412, name="Bob")
        assert "Ann" in page.text
        assert await sql(db, "SELECT name FROM orders") == [("Ann",)]


class TestNotes:
    async def test_stand_in_the_story_and_nowhere_else(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.order_at_once(await tickets(db))
        await ask(manager, db, "note", order)
        await manager.press("Add note", note="Knows the drummer <b>")
        assert "Note: Knows the drummer <b> Staff" in (await details(manager, db, order)).text
        assert "drummer" not in str(await buyer.order(order))


class TestFreeOfCharge:
    async def give(self, clerk: Clerk, *offers: UUID, status: int = 200, quantity: int = 2, **typed: Any) -> Page:
        await clerk.visit("/admin/order/create")
        lines = {f"lines_{n}_offer": offer for n, offer in enumerate(offers)}
        lines |= {f"lines_{n}_quantity": quantity for n, _ in enumerate(offers)}
        typed = {"name": "Ann", "email": "ann@example.org", "reason": "guest list", **typed}
        return await clerk.press("Save", status=status, **lines, **typed)

    async def test_takes_from_the_stock_and_delivers(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offers = [await tickets(db), await shirts(db)]
        page = await self.give(manager, *offers)
        await buyer.jobs()
        number = re.search("[2-9A-Z]{8}", page.text)[0]
        order = {"number": number}
        assert await state_of(db, order) == ("paid", 0)
        assert [await taken(db, offer) for offer in offers] == [[2], [2]]
        assert [each["To"] for each in mails_about(order)] == ["ann@example.org"]
        text = (await details(manager, db, order)).text
        assert "Given free of charge: guest list Staff" in text
        assert "Waits at the merch table" in text
        assert await mistakes(db, done=False) == []

    async def test_a_second_click_gives_nothing_more(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db)
        await manager.visit("/admin/order/create")
        form = manager.page
        for _click in range(2):
            manager.page = form
            await manager.press(
                "Save", lines_0_offer=offer, lines_0_quantity=2, email="ann@example.org", reason="guest list"
            )
        assert await taken(db, offer) == [2]

    async def test_neither_limits_nor_sale_windows_bind_it(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db, max_per_order=1, max_per_customer=1)
        await sql(db, "UPDATE offer SET active = false, sale_until = now() - interval '1 day'")
        await self.give(manager, offer, quantity=3)
        assert await taken(db, offer) == [3]

    async def test_never_more_than_there_is(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db, 1)
        page = await self.give(manager, offer, status=409)
        assert "sold out" in page.text
        assert await taken(db, offer) == [0]

    async def test_nothing_of_a_concert_that_is_called_off(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db)
        await sql(db, "UPDATE concert SET state = 'cancelled'")
        page = await self.give(manager, offer, status=409)
        assert "called off" in page.text

    async def test_all_that_is_wrong_is_said(self, manager: Clerk) -> None:
        page = await self.give(manager, status=422, email="nobody", reason="")
        assert len(page.errors) == 3

    async def test_what_can_be_given_is_found_by_place(self, manager: Clerk, db: Database) -> None:
        await tickets(db)
        found = (await manager.client.get("/admin/offer/lookup?q=berlin")).json()["results"]
        assert len(found) == 1
        assert "Berlin" in found[0]["text"]


class TestPayments:
    async def test_lead_to_their_orders(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        order = await buyer.pay(await buyer.order_at_once(await tickets(db)))
        page = await manager.visit(f"/admin/payment/list?q={order['number']}&state=confirmed")
        assert order["number"] in page.links
        await manager.follow(order["number"])
        assert "Live · Standing" in manager.page.text

    async def test_more_payments_are_not_more_queries(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        offer, asked = await tickets(db, 40), []
        for _round in range(2):
            for _ in range(2):
                await buyer.start_payment(await buyer.order_at_once(offer))
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
    manager: Clerk, clerk: SignIn, buyer: Buyer, db: Database
) -> None:
    order, moderator = await sent_shirt(buyer, db), await clerk("moderator")
    for verb in ALL:
        await ask(moderator, db, verb, order, status=200 if verb == "note" else 403)
    await moderator.visit(f"/admin/order/edit/{await id_of(db, order)}", status=403)
    await moderator.visit("/admin/order/create", status=403)
    page = await details(moderator, db, order)
    assert {"Add note"} == {text for text, href in page.links.items() if "/do/" in href}


async def test_the_door_does_not_see_orders(clerk: SignIn, buyer: Buyer, db: Database) -> None:
    order, door = await buyer.order_at_once(await tickets(db)), await clerk("door")
    await details(door, db, order, status=404)
    await door.visit("/admin/order/list", status=404)
    await door.visit("/admin/payment/list", status=404)
