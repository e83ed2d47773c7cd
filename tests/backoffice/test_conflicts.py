"""What somebody else has saved is not overwritten unseen, whatever else is wrong with a form."""

import pytest

from apps.core.db import Database
from apps.shop.models import Product
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.factories import make_shirt
from tests.journeys.buyer import sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shirt(db: Database) -> Product:
    async with db.begin() as session:
        return (await make_shirt(session)).product


async def test_a_name_that_says_nothing_hides_no_conflict(
    manager: Clerk, clerk: SignIn, shirt: Product, db: Database
) -> None:
    other = await clerk("manager")
    for each in (manager, other):
        await each.visit(f"/admin/product/edit/{shirt.id}")
    await other.press("Save", title="Theirs")
    await manager.press("Save", title="Mine", category_words="No such category", status=422)
    page = await manager.press("Save", category_words="", status=412)
    assert "Theirs" in page.text
    assert await sql(db, "SELECT title FROM product") == [("Theirs",)]


async def test_a_file_that_is_no_picture_hides_no_conflict(
    manager: Clerk, clerk: SignIn, shirt: Product, db: Database
) -> None:
    other = await clerk("manager")
    for each in (manager, other):
        await each.visit(f"/admin/product/edit/{shirt.id}")
    await other.press("Save", title="Theirs")
    await manager.press("Save", title="Mine", files=[("note.txt", b"no picture")], status=422)
    await manager.press("Save", status=412)
    await manager.press("Save")
    assert await sql(db, "SELECT title FROM product") == [("Mine",)]
