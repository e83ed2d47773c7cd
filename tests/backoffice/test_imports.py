"""Files that the office hands over: what they would change is shown first, and then done, once, and to its end."""

import json
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.models import Role
from apps.core.db.database import Database
from apps.core.importing import Tally
from apps.core.jobs import drain
from apps.imports import services
from apps.shop.imports import importing
from apps.shop.models import ProductImport
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.concerts.test_import_concerts import event
from tests.journeys.customer import sql
from tests.queries import counting
from tests.shop.test_import_products import sheet, shirt, size

pytestmark = pytest.mark.anyio
PRODUCTS, CONCERTS = "/admin/product-import", "/admin/concert-import"
MOST_STATEMENTS = 12


async def hand_over(clerk: Clerk, data: bytes, *, name: str = "shop.csv", to: str = PRODUCTS, **more: Any) -> Page:
    await clerk.visit(f"{to}/create")
    return await clerk.press("Save", files=[(name, data)], **more)


async def checked(clerk: Clerk, db: Database, data: bytes, **more: Any) -> Page:
    """Its page, once the worker has looked at it."""
    page = await hand_over(clerk, data, **more)
    await drain(db)
    return await clerk.visit(page.url.partition("?")[0])


async def bring_in(clerk: Clerk, db: Database) -> Page:
    await clerk.follow("Import")
    page = await clerk.press("Import")
    await drain(db)
    return await clerk.visit(page.url.partition("?")[0])


async def prices(db: Database) -> list[int]:
    return [row.amount for row in await sql(db, "SELECT amount FROM offer_price ORDER BY amount")]


class TestProducts:
    async def test_nothing_happens_before_somebody_says_so(self, manager: Clerk, db: Database) -> None:
        page = await hand_over(manager, sheet(shirt(), size("M")))
        assert "The file is being checked." in page.text
        assert 'http-equiv="refresh"' in page.answer.text
        await drain(db)
        page = await manager.visit(page.url.partition("?")[0])
        assert "Nothing has changed yet. The import will make these changes:" in page.text
        assert "New 1 Changed 0 Unchanged 0 Skipped 0" in page.text
        assert "Products 0 1" in page.text
        assert "Variants 0 2" in page.text
        assert "Images waiting to be downloaded: 1." in page.text
        assert 'http-equiv="refresh"' not in page.answer.text
        assert await sql(db, "SELECT 1 FROM product") == []

    async def test_what_it_says_is_done_and_stays_on_its_page(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt(), size("M")))
        page = await bring_in(manager, db)
        assert "Status Imported" in page.text
        assert "New 1 Changed 0 Unchanged 0" in page.text
        assert await prices(db) == [1990, 1990]
        assert await sql(db, "SELECT data FROM file_import") == [(None,)]
        listed = await manager.visit(f"{PRODUCTS}/list")
        assert "shop.csv Imported 1 0 0 0" in listed.text
        audit_entries = await sql(
            db, "SELECT action FROM audit_entry WHERE subject = 'ProductImport' ORDER BY created_at"
        )
        assert [row.action for row in audit_entries] == ["imports.add", "imports.import", "imports.finish"]

    async def test_what_would_change_is_shown_with_before_and_after(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt(), size("M")))
        await bring_in(manager, db)
        dearer = sheet(shirt(Title="Wake shirt"), size("M", Variant_Price="25"), size("L"))
        page = await checked(manager, db, dearer)
        assert "New 0 Changed 1 Unchanged 0" in page.text
        assert "Wake shirt Title Shirt Wake shirt" in page.text
        assert "Wake shirt · M Price €19.90 €25.00" in page.text
        assert "Wake shirt New variant – L" in page.text
        assert "Variants 2 3" in page.text
        assert await prices(db) == [1990, 1990]
        await bring_in(manager, db)
        assert await prices(db) == [1990, 1990, 2500]

    async def test_the_same_file_again_would_change_nothing(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt()))
        await bring_in(manager, db)
        page = await checked(manager, db, sheet(shirt()))
        assert "This file would change nothing." in page.text
        assert "Import" not in page.links

    async def test_bad_lines_are_told_by_their_numbers(self, manager: Clerk, db: Database) -> None:
        page = await checked(manager, db, sheet(shirt(), shirt(Handle="cap", Variant_Price="cheap")))
        assert "Skipped rows Row What 3 the price 'cheap' is not a number" in page.text
        assert "New 1 Changed 0 Unchanged 0 Skipped 1" in page.text

    @pytest.mark.parametrize(
        "data",
        [b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b'[{"Handle": 1}]', b"\n\n", b"Name;Price\nx;1\n", b"\xff\xfe\0"],
    )
    async def test_another_kind_of_file_is_refused_at_its_field(
        self, manager: Clerk, db: Database, data: bytes
    ) -> None:
        await manager.visit(f"{PRODUCTS}/create")
        page = await manager.press("Save", status=422, files=[("cat.png", data)])
        assert page.errors == ["This is not Shopify's product CSV: its first line has no column “Handle” or “Title”."]
        assert await sql(db, "SELECT 1 FROM file_import") == []

    async def test_a_file_without_prices_is_refused_at_its_field(self, manager: Clerk) -> None:
        await manager.visit(f"{PRODUCTS}/create")
        page = await manager.press("Save", status=422, files=[("shop.csv", b"Handle,Title\nshirt,Shirt\n")])
        assert page.errors == ["This is not Shopify's product CSV: its first line has no column “Variant Price”."]

    async def test_what_it_changed_is_in_the_history_and_can_be_put_back(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt(Image_Src=""), size("M")))
        await bring_in(manager, db)
        dearer = sheet(shirt(Image_Src="", Title="Wake"), size("M", Variant_Price="25", Variant_Grams="200"))
        await checked(manager, db, dearer)
        page = await bring_in(manager, db)
        assert "Progress 1 / 1" in page.text
        await manager.follow("Wake")
        told = manager.page.text.partition("History")[2]
        assert "€19.90 → €25.00" in told
        assert "Title Shirt → Wake" in told
        assert "Weight in grams 180 → 200" in told
        for place in [place for text, place in manager.page.places if text == "Undo"]:
            await manager.visit(place)
            await manager.press("Undo")
        assert await prices(db) == [1990, 1990]
        assert await sql(db, "SELECT title FROM product") == [("Shirt",)]
        assert await sql(db, "SELECT DISTINCT grams FROM variant") == [(180,)]

    async def test_words_of_pictures_are_put_back_too(self, manager: Clerk, db: Database) -> None:
        two = {"Handle": "shirt", "Image Src": "https://example.com/back.jpg", "Image Alt Text": "Back"}
        for alt in ("Front", "Wrong"):
            await checked(manager, db, sheet(shirt(Image_Alt_Text=alt), two))
            await bring_in(manager, db)
        await manager.follow("Shirt")
        assert "example.com/shirt.jpg (Front)" in manager.page.text
        assert "<img" not in manager.page.answer.text.partition("History")[2]
        await manager.follow("Undo")
        page = await manager.press("Undo")
        assert "The change was undone." in page.text
        assert await sql(db, "SELECT alt FROM product_image ORDER BY position") == [("Front",), ("Back",)]

    async def test_new_things_are_linked_once_they_are_there(self, manager: Clerk, db: Database) -> None:
        page = await checked(manager, db, sheet(shirt()))
        assert "Shirt" not in page.links
        await bring_in(manager, db)
        page = await manager.follow("Shirt")
        assert "History" in page.text
        assert "Added Staff" in page.text

    async def test_the_question_tells_that_more_may_change(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt()))
        page = await manager.follow("Import")
        assert "including what was changed here since the file was checked" in page.text

    async def test_a_second_click_does_nothing_more(self, manager: Clerk, db: Database) -> None:
        await manager.visit(f"{PRODUCTS}/create")
        form = manager.page
        first = await manager.press("Save", files=[("shop.csv", sheet(shirt()))])
        manager.page = form
        assert (await manager.press("Save", files=[("shop.csv", sheet(shirt()))])).url == first.url
        await drain(db)
        await manager.visit(first.url)
        question = await manager.follow("Import")
        await manager.press("Import")
        manager.page = question
        await manager.press("Import")
        await drain(db)
        [row] = await sql(db, "SELECT count(*) AS number FROM audit_entry WHERE action = 'imports.finish'")
        assert (row.number, await prices(db)) == (1, [1990])

    async def test_a_currency_that_is_none_is_refused_beside_its_field(self, manager: Clerk) -> None:
        await manager.visit(f"{PRODUCTS}/create")
        page = await manager.press("Save", status=422, files=[("shop.csv", sheet(shirt()))], currency="ZZZ")
        assert page.errors == ["There is no such currency."]

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            ([], "Choose a file."),
            ([("shop.csv", b"")], "This file is empty."),
            ([("shop.csv", b"x" * (services.LARGEST + 1))], "This file is larger than 10 MB. Split it into several."),
            ([("shop.csv", b"x" * (16 * 1024**2))], "This file is larger than 10 MB. Split it into several."),
        ],
        ids=["none", "empty", "large", "larger"],
    )
    async def test_files_are_bounded(self, manager: Clerk, db: Database, files: Any, sentence: str) -> None:
        await manager.visit(f"{PRODUCTS}/create")
        page = await manager.press("Save", status=422, files=files)
        assert page.errors == [sentence]
        assert await sql(db, "SELECT 1 FROM file_import") == []

    async def test_what_is_discarded_is_forgotten(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt()))
        await manager.follow("Discard")
        page = await manager.press("Discard")
        assert "Status Discarded" in page.text
        assert await sql(db, "SELECT data, state FROM file_import") == [(None, "discarded")]

    async def test_what_nobody_starts_is_forgotten_after_a_week(self, manager: Clerk, db: Database) -> None:
        await checked(manager, db, sheet(shirt()))
        await services.forget_old_files(db)
        assert await sql(db, "SELECT state FROM file_import") == [("ready",)]
        await sql(db, "UPDATE file_import SET created_at = now() - interval '8 days'")
        await services.forget_old_files(db)
        assert await sql(db, "SELECT data, state FROM file_import") == [(None, "discarded")]

    async def test_stock_is_set_only_by_who_may(self, manager: Clerk, clerk: SignIn, db: Database) -> None:
        await checked(manager, db, sheet(shirt()))
        await bring_in(manager, db)
        counted = sheet(shirt(Variant_Inventory_Qty="9"))
        page = await checked(manager, db, counted, ticked=("set_stock",))
        assert "Shirt · S Available 5 9" in page.text
        async with db.begin() as session:
            session.add(Role(name="importer", title="Importer", permissions=["products.import"]))
        importer = await clerk("importer")
        await importer.visit(f"{PRODUCTS}/create")
        form, _button = importer.page.form_with("Save")
        assert "set_stock" not in [name for name, _value in form.boxes]
        form.fields.append(("set_stock", "true"))
        await importer.press("Save", files=[("shop.csv", counted)])
        await drain(db)
        page = await importer.visit(importer.page.url.partition("?")[0])
        assert "This file would change nothing." in page.text


class TestWhatBreaks:
    @pytest.fixture(autouse=True)
    def small_steps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importing, "PRODUCTS_A_TRANSACTION", 1)

    @pytest.fixture
    def three(self) -> bytes:
        return sheet(*(shirt(Handle=f"shirt-{n}", Image_Src="") for n in range(3)))

    async def test_who_is_killed_is_followed_by_who_goes_on_right_there(
        self, manager: Clerk, db: Database, three: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await checked(manager, db, three)
        await manager.follow("Import")
        page = await manager.press("Import")
        keep = services._Progress.__call__

        async def die_at_two(self: Any, connection: AsyncConnection, done: int, tally: Tally) -> None:
            if done == 2:
                raise ConnectionResetError
            await keep(self, connection, done, tally)

        with monkeypatch.context() as broken:
            broken.setattr(services._Progress, "__call__", die_at_two)
            await drain(db)
        assert len(await sql(db, "SELECT 1 FROM product")) == 1
        page = await manager.visit(page.url.partition("?")[0])
        assert "Progress 1/3 1 / 3" in page.text
        await sql(db, "UPDATE pgqueuer SET execute_after = now()")
        await drain(db)
        page = await manager.visit(page.url)
        assert "Status Imported" in page.text
        assert "New 3 Changed 0 Unchanged 0" in page.text

    async def test_cancelled_it_stops_and_says_what_came_in(
        self, manager: Clerk, db: Database, three: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await checked(manager, db, three)
        await manager.follow("Import")
        page = await manager.press("Import")
        keep = services._Progress.__call__

        async def cancelled_at_one(self: Any, connection: AsyncConnection, done: int, tally: Tally) -> None:
            if done == 2:
                await manager.visit(page.url.partition("?")[0])
                await manager.follow("Cancel import")
                await manager.press("Cancel import")
            await keep(self, connection, done, tally)

        monkeypatch.setattr(services._Progress, "__call__", cancelled_at_one)
        await drain(db)
        shown = await manager.visit(page.url.partition("?")[0])
        assert "The import was cancelled. What had come in by then stays: 1 of 3." in shown.text
        assert "New 1 Changed 0 Unchanged 0" in shown.text
        assert len(await sql(db, "SELECT 1 FROM product")) == 1
        assert await sql(db, "SELECT state, data FROM file_import") == [("cancelled", None)]

    async def test_what_fails_is_told_and_can_go_on(
        self, manager: Clerk, db: Database, three: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await checked(manager, db, three)
        await manager.follow("Import")
        page = await manager.press("Import")
        keep = services._Progress.__call__

        async def break_at_two(self: Any, connection: AsyncConnection, done: int, tally: Tally) -> None:
            await keep(self, connection, done, tally)
            if done == 2:
                raise ZeroDivisionError

        with monkeypatch.context() as broken:
            broken.setattr(services._Progress, "__call__", break_at_two)
            await drain(db)
        shown = await manager.visit(page.url.partition("?")[0])
        assert "What had come in by then stays: 1 of 3. Press “Import” to continue." in shown.text
        assert "New 3 Changed 0 Unchanged 0" in (await bring_in(manager, db)).text

    async def test_two_at_once_count_nothing_twice(self, manager: Clerk, db: Database, three: bytes) -> None:
        await checked(manager, db, three)
        await manager.follow("Import")
        await manager.press("Import")
        [row] = await sql(db, "SELECT id FROM file_import")
        async with db.begin() as session:
            late = services._Progress(await session.get_one(ProductImport, row.id))
        await drain(db)
        async with db.transaction() as connection:
            with pytest.raises(services.Superseded):
                await late(connection, 1, Tally(created=1))
        assert await sql(db, "SELECT created, done FROM file_import") == [(3, 3)]


class TestConcerts:
    async def test_come_in_and_say_what_changes(self, manager: Clerk, db: Database) -> None:
        first = json.dumps([event(offers=[{"url": "https://tickets.example.org/1"}])]).encode()
        await checked(manager, db, first, to=CONCERTS, name="events.json")
        page = await bring_in(manager, db)
        assert "Concerts 0 1" in page.text
        later = json.dumps([event(datetime="2030-07-02T21:00:00"), event(id="2", datetime="soon")]).encode()
        page = await checked(manager, db, later, to=CONCERTS, name="events.json")
        assert "The Band in Berlin Starts 1 Jul 2030, 18:00 UTC 2 Jul 2030, 19:00 UTC" in page.text
        assert "event 2: 'soon' is not a date" in page.text
        assert [str(row.starts_at) for row in await sql(db, "SELECT starts_at FROM concert")] == [
            "2030-07-01 18:00:00+00:00"
        ]
        await bring_in(manager, db)
        assert len(await sql(db, "SELECT 1 FROM concert WHERE starts_at = '2030-07-02T19:00:00Z'")) == 1

    @pytest.mark.parametrize("data", [bytes(range(256)), b"id,title\n1,Wake\n", b"{abc}", b"7", b"[abc]", b"\n"])
    async def test_what_is_no_json_is_refused_at_its_field(self, manager: Clerk, db: Database, data: bytes) -> None:
        await manager.visit(f"{CONCERTS}/create")
        page = await manager.press("Save", status=422, files=[("events.json", data)])
        assert page.errors == ["This is not JSON: choose the file of events as Bandsintown gave it to you."]
        assert await sql(db, "SELECT 1 FROM file_import") == []

    async def test_a_change_is_in_the_history_and_can_be_put_back(self, manager: Clerk, db: Database) -> None:
        for more in ({}, {"title": "Wake", "description": "Loud"}):
            await checked(manager, db, json.dumps([event(**more)]).encode(), to=CONCERTS, name="events.json")
            await bring_in(manager, db)
        page = await manager.follow("Wake")
        assert "Title The Band in Berlin → Wake" in page.text
        await manager.follow("Undo")
        await manager.press("Undo")
        assert await sql(db, "SELECT title, description FROM concert") == [("The Band in Berlin", "")]

    async def test_each_kind_has_its_own_list(self, manager: Clerk, db: Database) -> None:
        page = await hand_over(manager, b"[]", to=CONCERTS, name="events.json")
        assert "events.json" not in (await manager.visit(f"{PRODUCTS}/list")).text
        id = page.url.partition("?")[0].rpartition("/")[2]
        await manager.visit(f"{PRODUCTS}/details/{id}", status=404)


class TestWho:
    @pytest.mark.parametrize("place", [PRODUCTS, CONCERTS])
    async def test_only_who_may(self, clerk: SignIn, place: str) -> None:
        for role in ("door", "moderator"):
            somebody = await clerk(role)
            await somebody.visit(f"{place}/list", status=404)
            await somebody.visit(f"{place}/create", status=404)

    async def test_in_russian(self, clerk: SignIn, db: Database) -> None:
        manager = await clerk("manager", language="ru")
        await manager.visit(f"{PRODUCTS}/create?lang=ru")
        page = await manager.press("Сохранить", files=[("shop.csv", sheet(shirt()))])
        assert "Файл проверяется." in page.text

    async def test_a_hostile_name_is_shown_as_text(self, manager: Clerk, db: Database) -> None:
        page = await hand_over(manager, sheet(shirt()), name="../../<script>alert(1)</script>\u202e.csv")
        assert "<script>alert" not in page.answer.text
        [row] = await sql(db, "SELECT file_name FROM file_import")
        assert row.file_name == "script>.csv"

    async def test_a_long_list_takes_no_more_statements(self, manager: Clerk, db: Database) -> None:
        counts = []
        for _n in range(2):
            await hand_over(manager, sheet(shirt()))
            with counting() as sent:
                await manager.visit(f"{PRODUCTS}/list")
            counts.append(len(sent))
        assert counts[0] == counts[1] < MOST_STATEMENTS
