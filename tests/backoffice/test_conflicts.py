"""What somebody else has saved is not overwritten unseen, whatever else is wrong with a form."""

import pytest

from apps.core.db.database import Database
from apps.shop.models import Product
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import PASSWORD, SignIn
from tests.factories import make_shirt
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shirt(db: Database) -> Product:
    async with db.begin() as session:
        return (await make_shirt(session)).product


@pytest.fixture
async def late(manager: Clerk, clerk: SignIn, shirt: Product) -> Clerk:
    """Who has the form open that somebody else has saved meanwhile."""
    other = await clerk("manager")
    for each in (manager, other):
        await each.visit(f"/admin/product/edit/{shirt.id}")
    await other.press("Save", title="Theirs")
    return manager


async def test_a_name_that_says_nothing_hides_no_conflict(late: Clerk, db: Database) -> None:
    await late.press("Save", title="Mine", category_words="No such category", status=422)
    page = await late.press("Save", category_words="", status=412)
    assert "Theirs" in page.text
    assert await sql(db, "SELECT title FROM product") == [("Theirs",)]


async def test_a_file_that_is_no_picture_hides_no_conflict(late: Clerk, db: Database) -> None:
    await late.press("Save", title="Mine", files=[("note.txt", b"no picture")], status=422)
    await late.press("Save", status=412)
    await late.press("Save")
    assert await sql(db, "SELECT title FROM product") == [("Mine",)]


async def test_who_signs_in_anew_meanwhile_keeps_what_they_typed(manager: Clerk, shirt: Product) -> None:
    await manager.visit(f"/admin/product/edit/{shirt.id}")
    await manager.sign_in("manager-0@example.org", PASSWORD)
    page = await manager.press("Save", title="Mine", status=403)
    assert page.value("title") == "Mine"
    assert "Mine" in (await manager.press("Save")).text


async def test_signing_in_leads_back_to_the_form(manager: Clerk, shirt: Product) -> None:
    await manager.visit(f"/admin/product/edit/{shirt.id}")
    manager.client.cookies.clear()
    page = await manager.press("Save", title="Mine")
    assert page.value("next") == f"/admin/product/edit/{shirt.id}"


async def test_signing_in_leads_back_to_the_form_of_an_action(manager: Clerk, shirt: Product) -> None:
    place = f"/admin/product/do/reprice?pks={shirt.id}"
    await manager.visit(place)
    manager.client.cookies.clear()
    page = await manager.press("Preview changes", percent="-10")
    assert "Your session has ended." in page.text
    assert page.value("next") == place


async def test_who_was_never_signed_in_is_told_of_no_session(manager: Clerk) -> None:
    manager.client.cookies.clear()
    assert "Your session has ended." not in (await manager.visit("/admin/product/list")).text


async def test_who_signs_in_anew_meanwhile_keeps_what_they_asked_of_an_action(manager: Clerk, shirt: Product) -> None:
    await manager.visit(f"/admin/product/do/reprice?pks={shirt.id}")
    await manager.sign_in("manager-0@example.org", PASSWORD)
    page = await manager.press("Preview changes", percent="-10", status=403)
    assert page.value("percent") == "-10"


async def test_what_went_to_the_archive_meanwhile_keeps_its_form(manager: Clerk, db: Database, shirt: Product) -> None:
    await manager.visit(f"/admin/product/edit/{shirt.id}")
    await sql(db, "UPDATE product SET archived_at = now()")
    page = await manager.press("Save", title="Mine", status=409)
    assert "This is archived. Restore it first." in page.text
    assert page.value("title") == "Mine"


@pytest.mark.parametrize("version", ["*", '"a", *', ""])
async def test_no_form_is_made_from_any_version(late: Clerk, db: Database, version: str) -> None:
    await late.press("Save", title="Mine", version=version, status=412)
    assert await sql(db, "SELECT title FROM product") == [("Theirs",)]
