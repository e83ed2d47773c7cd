"""The history of a thing and its parts stands on its page in words, and can be undone."""

import re

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.backoffice.merch import add_shirt
from tests.backoffice.scheduling import only_concert, venue, write_down
from tests.journeys.customer import sql

__all__ = ["venue"]
pytestmark = pytest.mark.anyio
RAW = re.compile(r"[{}\[\]]|\b[a-z]+_[a-z_]+\b|[0-9a-f]{8}-[0-9a-f]{4}|None|True|False")
"""What no sentence for people has: braces, names of columns, ids."""
PRICES = "SELECT DISTINCT amount FROM offer_price ORDER BY amount"


def history(page: Page) -> str:
    return page.text.partition("History")[2]


async def reprice(clerk: Clerk, product: str, percent: str) -> Page:
    await clerk.visit(f"/admin/product/do/reprice?pks={product}")
    await clerk.press("Preview changes", percent=percent)
    return await clerk.press("New prices")


async def test_a_product_tells_of_its_variants_prices(manager: Clerk) -> None:
    id = await add_shirt(manager)
    page = await reprice(manager, id, "-10")
    told = history(page)
    assert "Changed: S / Black, S / Red, M / Black, M / Red Staff" in told
    assert "€19.90 → €17.91" in told
    assert RAW.findall(told) == []


async def test_a_product_tells_of_everything_in_words(manager: Clerk, db: Database) -> None:
    """Texts, pictures, categories, options, times, the archive, and its stock."""
    await manager.visit("/admin/category/create")
    await manager.press("Save", title="Hats")
    id = await add_shirt(manager, category_words="Hats", translations_ru_title="Футболка")
    await manager.follow("Edit")
    page = await manager.press(
        "Save",
        category_words="",
        tags="soft, warm",
        translations_ru_title="Майка",
        description="New",
        variants_0_option_1="XS",
        variants_1_sku="S-RED",
        variants_2_max_per_customer="2",
    )
    told = history(page)
    for each in (
        "Category Hats → –",
        "Tags – → soft, warm",
        "Русский: Title: Футболка → Русский: Title: Майка",
        "S-RED",
    ):
        assert each in told
    await manager.visit(f"/admin/product/do/publish?pks={id}")
    await manager.press("Publish")
    await manager.follow("XS / Black")
    await manager.follow("Edit")
    await manager.press("Save", sale_from="2099-01-01T10:00", prices_0_minimum="5", max_per_order="3")
    page = await manager.visit(f"/admin/product/details/{id}")
    assert "1 Jan 2099, 10:00" in history(page)
    assert RAW.findall(history(page)) == []


async def test_a_concert_tells_of_its_ticket_types(manager: Clerk, venue: object, db: Database) -> None:
    await write_down(manager, ticket_types_0_name="Standing", ticket_types_0_price="30")
    await manager.follow("Edit")
    page = await manager.press("Save", ticket_types_0_price="25", lineup="Kelp", description="Loud")
    told = history(page)
    assert "Changed: Standing Staff" in told
    assert "€30.00 → €25.00" in told
    assert "Support acts – → Kelp" in told
    await manager.follow("Announce")
    page = await manager.press("Announce")
    assert "Status Draft → Announced" in history(page)
    assert RAW.findall(history(page)) == []


async def test_the_trail_names_the_thing_and_leads_to_it(admin: Clerk) -> None:
    await add_shirt(admin)
    page = await admin.visit("/admin/audit-entry/list?q=Wake")
    assert "Product: Wake shirt" in page.links
    assert "Variant: Wake shirt · S / Black" in page.links
    assert "Wake shirt" in (await admin.follow("Product: Wake shirt")).text


async def test_prices_are_put_back_all_at_once(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await reprice(manager, id, "-10")
    page = await manager.follow("Undo")
    assert "€17.91 €19.90" in page.text
    assert await sql(db, PRICES) == [(1791,)]
    page = await manager.press("Undo")
    assert "The change was undone." in page.text
    assert "€17.91 → €19.90" in history(page)
    assert await sql(db, PRICES) == [(1990,)]
    entries = "SELECT count(*) FROM audit_entry WHERE action = 'shop.change_variant'"
    assert await sql(db, entries) == [(8,)]


async def test_what_somebody_changed_since_stays(manager: Clerk, db: Database) -> None:
    """Of all parts, or of none."""
    id = await add_shirt(manager)
    page = await reprice(manager, id, "-10")
    await manager.follow("Edit")
    await manager.press("Save", variants_3_price="9")
    page = await manager.visit(page.links["Undo"])
    assert "has been changed since" in page.text
    assert "€9.00 €19.90" in page.text
    assert "Undo" not in [button["text"] for form in page.forms for button in form.buttons]
    assert await sql(db, PRICES) == [(900,), (1791,)]


async def test_what_somebody_changes_while_it_is_asked_stays(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    page = await reprice(manager, id, "-10")
    asked = await manager.visit(page.links["Undo"])
    await manager.visit(f"/admin/product/edit/{id}")
    await manager.press("Save", variants_3_price="9")
    manager.page = asked
    page = await manager.press("Undo", status=409)
    assert "has been changed since" in page.text
    assert await sql(db, PRICES) == [(900,), (1791,)]


async def test_what_is_there_now_is_shown_beside_what_was(manager: Clerk) -> None:
    await add_shirt(manager)
    await manager.follow("Edit")
    back = (await manager.press("Save", title="Wrong")).links["Undo"]
    await manager.follow("Edit")
    await manager.press("Save", title="Right")
    page = await manager.visit(back)
    assert "Title Right Wake shirt" in page.text
    assert "Title Wrong" not in page.text


async def test_texts_are_put_back_while_other_fields_stay_changed(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await manager.follow("Edit")
    page = await manager.press("Save", title="Wrong")
    back = page.links["Undo"]
    await manager.follow("Edit")
    await manager.press("Save", vendor="Printer")
    await manager.visit(back)
    await manager.press("Undo")
    assert await sql(db, f"SELECT title, vendor FROM product WHERE id = '{id}'") == [("Wake shirt", "Printer")]


async def test_what_others_were_told_of_and_states_are_not_put_back(
    manager: Clerk, venue: object, db: Database
) -> None:
    await write_down(manager, ticket_types_0_name="Standing", ticket_types_0_price="30")
    concert = await only_concert(db)
    await manager.follow("Announce")
    await manager.press("Announce")
    await manager.follow("Edit")
    page = await manager.press("Save", starts_at="2099-05-22T20:00")
    assert "Starts 21 May 2099, 20:00 MSK → 22 May 2099, 20:00 MSK" in history(page)
    assert [place for _text, place in page.places if place.startswith("/admin/concert/put-back")] == []
    for entry in await sql(db, f"SELECT id FROM audit_entry WHERE subject_id = '{concert.id}'"):
        await manager.visit(f"/admin/concert/put-back?entry={entry.id}", status=404)


async def test_who_may_not_change_it_is_not_offered_to(manager: Clerk, clerk: SignIn) -> None:
    id = await add_shirt(manager)
    back = (await reprice(manager, id, "-10")).links["Undo"]
    moderator = await clerk("moderator")
    page = await moderator.visit(f"/admin/product/details/{id}")
    assert "Undo" not in page.links
    await moderator.visit(back, status=403)
