"""What is done with many rows at once: those it cannot be done with are left out and named, on all pages of a list."""

import pytest

from apps.core.db.database import Database
from apps.shop.models import Product
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import ask, sent_shirt, tickets
from tests.factories import make_concert, make_shirt
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, sql
from tests.queries import counting
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api"]
pytestmark = pytest.mark.anyio
LIST = "/admin/product/list"
DONE_ALREADY = "Already published or archived."


async def drafts(db: Database, number: int) -> list[Product]:
    async with db.begin() as session:
        made = [(await make_shirt(session)).product for _n in range(number)]
        for n, product in enumerate(made):
            product.published, product.title = False, f"Cap {n:02}"
    return made


async def choose(clerk: Clerk, action: str, products: list[Product]) -> Page:
    return await clerk.visit(f"/admin/product/do/{action}?" + "&".join(f"pks={each.id}" for each in products))


async def published(db: Database) -> int:
    return (await sql(db, "SELECT count(*) FROM product WHERE published"))[0][0]


class TestLeftOut:
    async def test_what_is_packed_already_does_not_stop_the_others(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        orders = [await sent_shirt(customer, db), await customer.pay(await customer.order_at_once(await tickets(db)))]
        page = await ask(manager, db, "pack", *orders)
        assert "Skipped: 1 Nothing left to pack, or held back by a dispute." in page.text
        page = await manager.press("Mark as packed")
        assert await sql(db, "SELECT state FROM shipment") == [("packed",)]
        assert "Done: 1, skipped: 1." in page.text
        assert f"{orders[1]['number']} Nothing left to pack, or held back by a dispute." in page.text
        assert (await manager.visit(page.url)).text == page.text

    async def test_what_is_done_meanwhile_is_left_out(self, manager: Clerk, db: Database) -> None:
        caps = await drafts(db, 3)
        await choose(manager, "publish", caps)
        await sql(db, "UPDATE product SET published = true WHERE title = 'Cap 01'")
        assert f"Cap 01 {DONE_ALREADY}" in (await manager.press("Publish")).text
        assert await published(db) == 3

    async def test_what_is_gone_is_left_out(self, manager: Clerk, db: Database) -> None:
        caps = await drafts(db, 3)
        await choose(manager, "publish", caps)
        await sql(db, "DELETE FROM offer")
        await sql(db, "DELETE FROM product WHERE title = 'Cap 01'")
        assert "– No longer exists." in (await manager.press("Publish")).text
        assert await published(db) == 2

    async def test_a_rule_refuses_one_and_says_why(self, manager: Clerk, staff_api: StaffApi, db: Database) -> None:
        """Nothing of what it had begun with that one stays."""
        concert, _type = await staff_api.on_sale(title="Ready")
        await staff_api.do(f"/concerts/{concert['id']}", "stop-sale")
        async with db.begin() as session:
            empty = await make_concert(session)
            empty.title, empty.state = "Empty", "announced"
        await manager.visit(f"/admin/concert/do/put-on-sale?pks={concert['id']}&pks={empty.id}")
        page = await manager.press("Put on sale")
        assert "Done: 1, skipped: 1." in page.text
        assert "Empty" in page.text
        assert sorted(await sql(db, "SELECT title, state FROM concert")) == [
            ("Empty", "announced"),
            ("Ready", "on_sale"),
        ]

    async def test_a_second_click_leads_to_the_same(self, manager: Clerk, db: Database) -> None:
        asked = await choose(manager, "publish", [*(await drafts(db, 2)), await shown(db)])
        first = await manager.press("Publish")
        manager.page = asked
        assert (await manager.press("Publish")).url == first.url

    async def test_it_is_told_to_nobody_else(self, manager: Clerk, clerk: SignIn, db: Database) -> None:
        await choose(manager, "publish", [*(await drafts(db, 2)), await shown(db)])
        page = await manager.press("Publish")
        await (await clerk("manager")).visit(page.url, status=404)
        await manager.visit(page.url.replace("/product/", "/order/"), status=404)

    async def test_with_none_of_them_it_is_not_offered(self, manager: Clerk, db: Database) -> None:
        page = await choose(manager, "restore", await drafts(db, 2))
        assert "Skipped: 2 Not archived." in page.text
        assert [button["text"] for form in page.forms for button in form.buttons] == ["Sign out"]


async def test_without_any_the_list_says_so(manager: Clerk, db: Database) -> None:
    await drafts(db, 2)
    await manager.visit(f"{LIST}?state=draft")
    page = await manager.press("Publish")
    assert page.url.endswith("/list?state=draft")
    assert "Select at least one row first." in page.text
    assert "Select at least one" not in (await manager.visit(page.url)).text


async def shown(db: Database) -> Product:
    async with db.begin() as session:
        return (await make_shirt(session)).product


class TestAll:
    async def test_on_every_page_of_the_list(self, manager: Clerk, db: Database) -> None:
        await drafts(db, 30)
        await shown(db)
        page = await manager.visit(f"{LIST}?state=draft")
        assert "All 30 matching" in page.text
        page = await manager.press("Publish", ticked=("all",))
        assert "Selected: 30" in page.text
        page = await manager.press("Publish")
        assert page.url.endswith("/list?state=draft")
        assert await published(db) == 31

    async def test_is_offered_where_there_are_more_than_a_page(self, manager: Clerk, db: Database) -> None:
        await drafts(db, 25)
        assert "matching" not in (await manager.visit(LIST)).text

    async def test_is_bounded_and_says_so(self, manager: Clerk, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("apps.backoffice.actions.action.TOGETHER", 27)
        await drafts(db, 30)
        await manager.visit(LIST)
        page = await manager.press("Publish", ticked=("all",))
        assert "At most 27 can be done at once. These are 27 of 30 matching" in page.text
        asked = page
        assert "Cap 02" in (await manager.follow("Skip to the rest")).text
        manager.page = asked
        page = await manager.press("Publish")
        assert "Done: 27. There are more that match." in page.text
        assert await published(db) == 27
        page = await manager.follow("Continue with the rest")
        assert "Selected: " not in page.text
        assert page.text.count("Cap 0") == 3
        await manager.press("Publish")
        assert await published(db) == 30

    async def test_nobody_sends_more_than_that(
        self, manager: Clerk, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.backoffice.actions.action.TOGETHER", 2)
        pks = "&".join(f"pks={each.id}" for each in await drafts(db, 3))
        await manager.visit(f"/admin/product/do/publish?{pks}", status=422)

    async def test_nothing_matches(self, manager: Clerk) -> None:
        await manager.visit("/admin/product/do/publish?all=yes&list=q%3Dnowhere", status=404)

    @pytest.mark.parametrize("action", ["publish", "unpublish", "archive", "restore"])
    async def test_more_rows_are_not_more_statements(self, manager: Clerk, db: Database, action: str) -> None:
        counts = []
        for number in (2, 9):
            products = await drafts(db, number)
            if action in ("unpublish", "restore"):
                await sql(db, "UPDATE product SET published = true, archived_at = CASE WHEN :gone THEN now() END",
                          gone=action == "restore")  # fmt: skip
            counts.append(await statements(manager, action, products))
        assert counts[0] == counts[1]

    async def test_more_parcels_are_not_more_statements(self, manager: Clerk, customer: Customer, db: Database) -> None:
        counts = []
        for number in (2, 4):
            orders = [await sent_shirt(customer, db) for _n in range(number)]
            for action, button in (
                ("pack", "Mark as packed"),
                ("send", "Mark as shipped"),
                ("arrive", "Mark as delivered"),
            ):
                await ask(manager, db, action, *orders)
                with counting() as sent:
                    await manager.press(button)
                counts.append(len(sent))
        assert counts[:3] == counts[3:]
        assert await sql(db, "SELECT state, count(*) FROM shipment GROUP BY state") == [("delivered", 6)]


async def statements(clerk: Clerk, action: str, products: list[Product]) -> int:
    await choose(clerk, action, products)
    title = clerk.page.forms[-1].buttons[-1]["text"]
    with counting() as sent:
        await clerk.press(title)
    return len(sent)
