"""Orders free of charge: from the same stock, delivered at once."""

import re
from typing import Any
from uuid import UUID

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.orders import details, shirts, state_of, tickets
from tests.factories import make_hall
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, mails_about, reserved, sql
from tests.kernel.books import mistakes
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api"]
pytestmark = pytest.mark.anyio


class TestFreeOfCharge:
    async def give(self, clerk: Clerk, *offers: UUID, status: int = 200, quantity: int = 2, **typed: Any) -> Page:
        await clerk.visit("/admin/order/create")
        lines = {f"lines_{n}_offer": offer for n, offer in enumerate(offers)}
        lines |= {f"lines_{n}_quantity": quantity for n, _ in enumerate(offers)}
        typed = {"name": "Ann", "email": "ann@example.org", "reason": "guest list", **typed}
        return await clerk.press("Save", status=status, **lines, **typed)

    async def test_takes_from_the_stock_and_delivers(self, manager: Clerk, customer: Customer, db: Database) -> None:
        offers = [await tickets(db), await shirts(db)]
        page = await self.give(manager, *offers)
        await customer.jobs()
        number = re.search("[2-9A-Z]{8}", page.text)[0]
        order = {"number": number}
        assert await state_of(db, order) == ("paid", 0)
        assert [await reserved(db, offer) for offer in offers] == [[2], [2]]
        assert [each["To"] for each in mails_about(order)] == ["ann@example.org"]
        text = (await details(manager, db, order)).text
        assert "Free order: guest list Staff" in text
        assert "For pick-up" in text
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
        assert await reserved(db, offer) == [2]

    async def test_neither_limits_nor_sale_windows_bind_it(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db, max_per_order=1, max_per_customer=1)
        await sql(db, "UPDATE offer SET active = false, sale_until = now() - interval '1 day'")
        await self.give(manager, offer, quantity=3)
        assert await reserved(db, offer) == [3]

    async def test_never_more_than_there_is(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db, 1)
        page = await self.give(manager, offer, status=409)
        assert "Only 1 left of" in page.text
        assert await reserved(db, offer) == [0]

    async def test_nothing_of_a_product_in_the_archive(self, manager: Clerk, db: Database) -> None:
        offer = await shirts(db)
        await sql(db, "UPDATE product SET archived_at = now()")
        await self.give(manager, offer, status=409)
        assert await reserved(db, offer) == [0]

    async def test_nothing_of_a_concert_that_is_called_off(self, manager: Clerk, db: Database) -> None:
        offer = await tickets(db)
        await sql(db, "UPDATE concert SET state = 'cancelled'")
        page = await self.give(manager, offer, status=409)
        assert "cancelled" in page.text

    async def test_all_that_is_wrong_is_said(self, manager: Clerk) -> None:
        page = await self.give(manager, status=422, email="nobody", reason="")
        assert len(page.errors) == 3

    async def test_what_can_be_given_is_found_by_place(self, manager: Clerk, db: Database) -> None:
        await tickets(db)
        found = (await manager.client.get("/admin/offer/autocomplete?q=berlin")).json()["results"]
        assert len(found) == 1
        assert "Berlin" in found[0]["text"]


async def test_giving_away_from_a_concert_begins_with_its_tickets(manager: Clerk, db: Database) -> None:
    offer = await tickets(db)
    (concert,) = await sql(db, "SELECT id FROM concert")
    await manager.visit(f"/admin/concert/details/{concert.id}")
    page = await manager.follow("Create free order")
    assert (page.value("lines-0-offer"), page.value("lines-0-quantity")) == (str(offer), "1")
    assert "Berlin" in page.value("lines-0-offer.words")
    await manager.press("Save", email="ann@example.org", reason="guest list")
    assert await reserved(db, offer) == [1]


async def test_of_several_types_those_with_a_number_are_given(manager: Clerk, db: Database) -> None:
    async with db.begin() as session:
        standing, front = await make_hall(session)
    (concert,) = await sql(db, "SELECT id FROM concert")
    page = await manager.visit(f"/admin/order/create?concert={concert.id}")
    assert [page.value(f"lines-{n}-quantity") for n in (0, 1)] == ["", ""]
    await manager.press("Save", lines_1_quantity="2", email="ann@example.org", reason="guest list")
    assert [await reserved(db, offer.id) for offer in (standing, front)] == [[2], [2, 2]]


async def test_what_cost_nothing_is_taken_back_and_not_refunded(
    manager: Clerk, customer: Customer, staff_api: StaffApi, db: Database
) -> None:
    concert, _ticket_type = await staff_api.on_sale()
    await manager.visit(f"/admin/order/create?concert={concert['id']}")
    await manager.press("Save", email="ann@example.org", reason="guest list")
    place = manager.page.url
    await customer.jobs()
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await manager.visit(f"/admin/concert/do/refund-tickets?pks={concert['id']}")
    await manager.press("Refund all tickets")
    await customer.jobs()
    text = (await manager.visit(place)).text
    assert "Status Voided" in text
    assert "Voided, free of charge: 1 × Live · Standing." in text
    assert "Voided" in (await manager.visit("/admin/order/list")).text
    mail = next(each for each in mails_about({"number": number_of(text)}) if "Your order" in each["Subject"])
    link = re.search(r"/orders/\S+", mail.get_body(("plain",)).get_content())[0]
    page = (await customer.client.get(link)).text
    assert "It was free, so there is nothing to refund." in page
    assert "efunded" not in page


def number_of(text: str) -> str:
    return re.search("[2-9A-Z]{8}", text)[0]
