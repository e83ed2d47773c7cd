"""What saving leads to, by the button that was pressed."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
NEW = "/admin/category/create"


def buttons(clerk: Clerk) -> list[str]:
    return [button["text"] for button in clerk.page.forms[-1].buttons]


async def test_going_on_with_the_same(manager: Clerk, db: Database) -> None:
    await manager.visit(NEW)
    for title in ("Hats", "Caps"):
        page = await manager.press("Save and continue editing", title=title)
        assert "/admin/category/edit/" in page.url
        assert "Saved." in page.text
        assert page.value("title") == title
    assert await sql(db, "SELECT title FROM category") == [("Caps",)]


async def test_going_on_with_another(manager: Clerk, db: Database) -> None:
    await manager.visit(NEW)
    page = await manager.press("Save and add another", title="Hats")
    await manager.press("Save and continue editing", title="Caps")
    page = await manager.press("Save and add another", title="Mugs")
    assert page.url.partition("?")[0].endswith(NEW)
    assert page.value("title") == ""
    assert await sql(db, "SELECT title FROM category ORDER BY title") == [("Hats",), ("Mugs",)]


async def test_nobody_is_offered_what_they_may_not_do(clerk: SignIn, db: Database) -> None:
    """An order that is given away is another permission than one whose customer is put right."""
    await sql(db, """UPDATE role SET permissions = '["orders.view", "orders.comp"]' WHERE name = 'manager'""")
    giver = await clerk("manager")
    await giver.visit("/admin/order/create")
    assert buttons(giver) == ["Save", "Save and add another"]
