"""Orders free of charge: from the same stock, delivered at once."""

import re
from typing import Any
from uuid import UUID

import pytest

from apps.core.db import Database
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.orders import details, shirts, state_of, tickets
from tests.journeys.buyer import Buyer, mails_about, sql, taken
from tests.journeys.conftest import buyer, client
from tests.kernel.books import mistakes

__all__ = ["buyer", "client"]
pytestmark = pytest.mark.anyio


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

    async def test_nothing_of_a_product_in_the_archive(self, manager: Clerk, db: Database) -> None:
        offer = await shirts(db)
        await sql(db, "UPDATE product SET archived_at = now()")
        await self.give(manager, offer, status=409)
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
