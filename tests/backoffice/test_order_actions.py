"""What managers do with an order: refund it, cancel it, mail it again, ship it, put it right."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import HOME, ask, details, id_of, sent_shirt, shirts, state_of, tickets
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, mails_about, reserved, sql
from tests.kernel.books import mistakes
from tests.parts import shipments_of, tickets_of

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
OTHER_HOME = {"line1": "Quay 2", "city": "Hamburg", "postal_code": "20457", "country": "DE"}


class TestRefunds:
    async def test_everything_once_although_it_is_sent_twice(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        offer = await tickets(db)
        order = await customer.pay(await customer.order_at_once(offer, 2))
        page = await ask(manager, db, "refund", order)
        assert "Can be refunded €60.00" in page.text
        await manager.press("Refund in full", reason="rain")
        manager.page = page
        again = await manager.press("Refund in full", reason="rain")
        assert "/details/" in again.url
        assert await state_of(db, order) == ("refunded", 6000)
        assert await reserved(db, offer) == [0]
        assert "€60.00 refunded: rain" in (await details(manager, db, order)).text
        assert await mistakes(db, done=False) == []

    async def test_pieces_of_one_line(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        order = await customer.pay(await customer.order_at_once(offer, 3))
        page = await ask(manager, db, "refund-lines", order)
        assert "3 of 3 are still with the customer, €30.00 each." in page.text
        await manager.press("Refund items", lines_0_quantity=2, reason="two are ill")
        assert await state_of(db, order) == ("paid", 6000)
        assert await reserved(db, offer) == [1]
        assert "Refunded: 2 × Live · Standing." in (await details(manager, db, order)).text

    async def test_an_amount(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        order = await customer.pay(await customer.order_at_once(offer))
        await ask(manager, db, "refund-amount", order)
        await manager.press("Refund amount", amount="7.50", reason="bad sight")
        assert await state_of(db, order) == ("paid", 750)
        assert await reserved(db, offer) == [1]

    @pytest.mark.parametrize(
        ("action", "button", "typed"),
        [
            ("refund", "Refund in full", {"reason": ""}),
            ("refund-amount", "Refund amount", {"amount": "99", "reason": "x"}),
            ("refund-amount", "Refund amount", {"amount": "much", "reason": "x"}),
            ("refund-lines", "Refund items", {"lines_0_quantity": 4, "reason": "x"}),
            ("refund-lines", "Refund items", {"reason": "nothing chosen"}),
        ],
    )
    async def test_what_cannot_be_is_refused_and_asked_again(
        self, manager: Clerk, customer: Customer, db: Database, action: str, button: str, typed: dict
    ) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        await ask(manager, db, action, order)
        status = 409 if typed.get("amount") == "99" or "lines_0_quantity" in typed else 422
        page = await manager.press(button, status=status, **typed)
        assert page.value("reason") == typed["reason"]
        assert await state_of(db, order) == ("paid", 0)


class TestCallingOff:
    async def test_frees_what_was_held(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        order = await customer.order_at_once(offer)
        await ask(manager, db, "cancel", order)
        await manager.press("Cancel order")
        assert await state_of(db, order) == ("cancelled", 0)
        assert await reserved(db, offer) == [0]

    async def test_is_not_for_what_is_paid(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.order_at_once(await tickets(db))
        await ask(manager, db, "cancel", order)
        await customer.pay(order)
        page = await manager.press("Cancel order", status=409)
        assert "it can be refunded instead" in page.text


class TestMailAgain:
    async def test_to_the_customer_and_to_another_address(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        for typed in ({}, {"email": "Ann@example.org"}):
            await ask(manager, db, "resend", order)
            await manager.press("Resend email", **typed)
        await customer.jobs()
        letters = mails_about(order)
        assert sorted(each["To"] for each in letters) == ["ann@example.org", "fan@example.org", "fan@example.org"]
        assert all(tickets_of(order)[0]["code"] in str(each.get_body(("plain",)).get_content()) for each in letters)

    async def test_with_new_codes_the_old_ones_are_worth_nothing(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        await ask(manager, db, "renew", order)
        await manager.press("Replace codes", email="ann@example.org")
        await customer.jobs()
        await customer.order(order, status=404)
        letter = next(each for each in mails_about(order) if each["To"] == "ann@example.org")
        assert tickets_of(order)[0]["code"] not in str(letter.get_body(("plain",)).get_content())

    async def test_no_more_than_five_times_an_hour(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        for status in [200] * 5 + [429]:
            await sql(db, "DELETE FROM audit_entry")
            await ask(manager, db, "resend", order)
            await manager.press("Resend email", status=status)

    async def test_many_at_once(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offer = await tickets(db)
        orders = [await customer.pay(await customer.order_at_once(offer)) for _ in range(2)]
        await ask(manager, db, "resend", *orders)
        await manager.press("Resend email")
        await customer.jobs()
        assert [len(mails_about(order)) for order in orders] == [2, 2]


class TestParcels:
    async def states(self, db: Database) -> list[str]:
        return [row.state for row in await sql(db, "SELECT state FROM shipment ORDER BY id")]

    async def test_go_from_hand_to_hand(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db)
        for action, button, state in (
            ("pack", "Mark as packed", "packed"),
            ("send", "Mark as shipped", "shipped"),
            ("arrive", "Mark as delivered", "delivered"),
            ("return", "Mark as returned", "returned"),
        ):
            await ask(manager, db, action, order)
            await manager.press(button, **({"tracking": "RX 12"} if action == "send" else {}))
            assert await self.states(db) == [state]
        assert "Parcel: Shipped. RX 12" in (await details(manager, db, order)).text

    async def test_several_are_sent_together_packed_or_not(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        orders = [await sent_shirt(customer, db), await sent_shirt(customer, db)]
        await ask(manager, db, "pack", orders[0])
        await manager.press("Mark as packed")
        await ask(manager, db, "send", *orders)
        await manager.press("Mark as shipped")
        assert await self.states(db) == ["shipped", "shipped"]

    async def test_each_parcel_has_a_number_of_its_own(self, manager: Clerk, customer: Customer, db: Database) -> None:
        orders = [await sent_shirt(customer, db), await sent_shirt(customer, db)]
        await ask(manager, db, "send", *orders)
        page = await manager.press("Mark as shipped", status=422, tracking="RX 12")
        assert page.errors == ["Each parcel has a number of its own: send one order at a time."]
        assert await self.states(db) == ["unfulfilled", "unfulfilled"]

    async def test_a_wrong_number_is_put_right(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db)
        await ask(manager, db, "send", order)
        await manager.press("Mark as shipped", tracking="RX 12")
        page = await ask(manager, db, "tracking", order)
        assert page.value("tracking") == "RX 12"
        page = await manager.press("Tracking number", tracking="RX 21")
        assert "1 Shipped RX 21" in page.text
        assert "Tracking number corrected: RX 12 → RX 21." in page.text
        assert shipments_of(await customer.order(order))[0]["tracking"] == "RX 21"
        await customer.jobs()
        assert len([each for each in mails_about(order) if "parcel" in each["Subject"]]) == 1

    async def test_what_has_arrived_keeps_its_number(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db)
        for action, button in (("send", "Mark as shipped"), ("arrive", "Mark as delivered")):
            await ask(manager, db, action, order)
            await manager.press(button)
        await ask(manager, db, "tracking", order)
        await manager.press("Tracking number", status=409, tracking="RX 21")

    async def test_merch_is_handed_over(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.pay(await customer.order_at_once(await shirts(db)))
        await ask(manager, db, "hand-over", order)
        await manager.press("Mark as picked up")
        assert await self.states(db) == ["picked_up"]


class TestCustomer:
    async def test_put_right_with_the_parcel(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db)
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", email="New@example.org", address_line1="Quay 2")
        rows = await sql(
            db, "SELECT email, orders.address, shipment.address FROM orders JOIN shipment ON order_id = orders.id"
        )
        assert rows == [("new@example.org", OTHER_HOME, OTHER_HOME)]
        assert "fan@example.org → new@example.org" in (await details(manager, db, order)).text

    async def test_a_parcel_on_its_way_keeps_its_address(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await sent_shirt(customer, db)
        await ask(manager, db, "send", order)
        await manager.press("Mark as shipped")
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", address_line1="Quay 2")
        assert await sql(db, "SELECT address FROM shipment") == [(HOME,)]

    async def test_an_address_is_not_wiped(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await sent_shirt(customer, db)
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        blank = {f"address_{name}": "" for name in HOME}
        page = await manager.press("Save", status=422, **blank)
        assert "An address is needed" in page.text

    async def test_what_cannot_be_is_named_field_by_field(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await sent_shirt(customer, db)
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        page = await manager.press("Save", status=422, name=".", address_city="?", address_postal_code="!!!")
        told = ["A name has at least one letter.", "town", "A postal code there looks like 26133."]
        assert len(page.errors) == 3
        assert all(any(words in error for error in page.errors) for words in told)
        assert await sql(db, "SELECT address FROM shipment") == [(HOME,)]

    async def test_what_was_taken_once_stays_when_something_else_is_put_right(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await sent_shirt(customer, db)
        await sql(db, """UPDATE orders SET name = '.', address = jsonb_set(address, '{city}', '"?"')""")
        await manager.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", email="new@example.org")
        assert await sql(db, "SELECT email FROM orders") == [("new@example.org",)]

    async def test_two_at_once_are_a_conflict(
        self, manager: Clerk, clerk: SignIn, customer: Customer, db: Database
    ) -> None:
        order, other = await customer.order_at_once(await tickets(db)), await clerk("manager")
        for each in (manager, other):
            await each.visit(f"/admin/order/edit/{await id_of(db, order)}")
        await manager.press("Save", name="Ann")
        page = await other.press("Save", status=412, name="Bob")
        assert "Ann" in page.text
        assert await sql(db, "SELECT name FROM orders") == [("Ann",)]


class TestNotes:
    async def test_stand_in_the_story_and_nowhere_else(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.order_at_once(await tickets(db))
        await ask(manager, db, "note", order)
        await manager.press("Add note", note="Knows the drummer <b>")
        assert "Note: Knows the drummer <b> Staff" in (await details(manager, db, order)).text
        assert "drummer" not in str(await customer.order(order))
