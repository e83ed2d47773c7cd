"""Products are written down with their variants and pictures, in one form."""

from uuid import UUID

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.backoffice.merch import NEW, SHIRT, add_shirt, variants
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, sql
from tests.media.files import picture
from tests.queries import counting
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api"]
pytestmark = pytest.mark.anyio


class TestSheet:
    async def test_options_become_variants_with_stock_of_their_own_in_one_step(
        self, manager: Clerk, db: Database
    ) -> None:
        await add_shirt(manager)
        combinations = [(size, colour) for size in ("S", "M") for colour in ("Black", "Red")]
        assert await variants(db) == [(*each, 1990, 5, "") for each in combinations]
        assert manager.page.text.count("Wake shirt · S / Black") == 1  # its movement

    async def test_a_product_without_options_is_one_variant(self, manager: Clerk, db: Database) -> None:
        await manager.visit(NEW)
        await manager.press("Save", title="Pin", price="3")
        assert await sql(db, "SELECT options, title FROM variant JOIN offer ON offer.id = offer_id") == [([], "Pin")]

    async def test_every_field_that_is_wrong_is_told(self, manager: Clerk, db: Database) -> None:
        await manager.visit(NEW)
        page = await manager.press("Save", status=422, **{**SHIRT, "title": "", "price": "cheap", "stock": "-1"})
        assert len(page.errors) == 3
        assert page.value("options-1-values") == "Black, Red"
        assert await sql(db, "SELECT id FROM product") == []

    async def test_variants_are_changed_added_and_archived_with_the_product(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager, "published")
        await manager.visit(f"/admin/product/edit/{id}")
        await manager.press(
            "Save",
            ticked=("variants-1-archived",),
            title="Wave shirt",
            variants_0_price="25",
            variants_0_sku="W-S-B",
            variants_4_option_1="L",
            variants_4_option_2="Black",
            variants_4_price="30.50",
            variants_4_stock="7",
            variants_4_position="9",
        )
        first, *_rest, last = await variants(db)
        assert (first, last) == (("S", "Black", 2500, 5, "W-S-B"), ("L", "Black", 3050, 7, ""))
        titles = await sql(db, "SELECT title FROM offer WHERE active ORDER BY title")
        assert [title for (title,) in titles] == [
            f"Wave shirt · {each}" for each in ("L / Black", "M / Black", "M / Red", "S / Black")
        ]

    async def test_what_the_form_does_not_show_stays(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await sql(db, "UPDATE variant SET grams = 300, barcode = '4006381333931'")
        await sql(db, "UPDATE offer SET sale_from = '2026-01-01T00:00Z', needs_shipping = false")
        await sql(db, "INSERT INTO offer_price SELECT id, 'USD', 2200 FROM offer")
        before = await sql(db, "SELECT * FROM variant JOIN offer ON id = offer_id JOIN offer_pool USING (offer_id)")
        await manager.visit(f"/admin/product/edit/{id}")
        await manager.press("Save", variants_0_price="25")
        after = await sql(db, "SELECT * FROM variant JOIN offer ON id = offer_id JOIN offer_pool USING (offer_id)")
        assert sorted(map(str, after)) == sorted(map(str, before))
        assert len(await sql(db, "SELECT 1 FROM offer_price WHERE currency = 'USD' AND amount = 2200")) == 4

    async def test_a_refused_row_names_its_place_and_saves_nothing(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/edit/{id}")
        page = await manager.press("Save", status=422, title="Other", variants_0_option_1="M")
        assert "The product has a variant with these options already." in page.text
        assert await sql(db, "SELECT title FROM product") == [("Wake shirt",)]

    async def test_the_price_before_is_higher(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/edit/{id}")
        page = await manager.press("Save", status=422, variants_0_compare_at="19.90")
        assert page.errors == ["The compare-at price must be higher than the price."]
        page = await manager.press("Save", variants_0_compare_at="24")
        assert shown(page).count("€19.90 (was €24.00)") == 1
        await sql(db, "UPDATE offer_price SET compare_at = 2400")
        page = await manager.visit(f"/admin/product/details/{id}")
        assert shown(page).count("€19.90 (was €24.00)") == 1 + 4

    async def test_options_are_told_in_other_languages(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        page = await manager.visit(f"/admin/product/edit/{id}")
        rows = [page.value(f"translations-ru-options-{n}-original") for n in range(6)]
        assert rows == ["Size", "S", "M", "Colour", "Black", "Red"]
        assert "Size S M Colour Black Red" in page.text
        await manager.press("Save", translations_ru_options_3_text="Цвет", translations_ru_options_4_text="Чёрный")
        (told,) = await sql(db, "SELECT translations FROM product")
        assert told.translations == {"ru": {"options": {"Colour": "Цвет", "Black": "Чёрный"}}}
        titles = await sql(db, "SELECT DISTINCT translations->'ru'->>'title' AS title FROM offer ORDER BY 1")
        assert [each.title for each in titles][:2] == ["Wake shirt · M / Red", "Wake shirt · M / Чёрный"]
        page = await manager.visit(f"/admin/product/edit/{id}")
        assert page.value("translations-ru-options-4-text") == "Чёрный"
        await manager.press("Save", translations_ru_options_3_text="", translations_ru_options_4_text="")
        assert (await sql(db, "SELECT translations FROM product"))[0].translations == {}

    async def test_two_variants_swap_their_options(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await sql(db, "UPDATE variant SET sku = options->>0")
        await manager.visit(f"/admin/product/edit/{id}")
        small, medium = "variants_0_option_1", "variants_2_option_1"
        await manager.press("Save", **{small: "M", medium: "S"})
        assert [(size, sku) for size, _colour, _price, _left, sku in await variants(db)] == [
            ("M", "S"),
            ("S", "S"),
            ("S", "M"),
            ("M", "M"),
        ]

    async def test_stock_is_called_as_what_takes_from_it(
        self, manager: Clerk, staff_api: StaffApi, db: Database
    ) -> None:
        id = await add_shirt(manager)
        [(own,)] = await sql(db, "SELECT id FROM pool WHERE name = 'Wake shirt · M / Red'")
        await staff_api.change(f"/pools/{own}", {"name": "Red ones"})
        await manager.visit(f"/admin/product/edit/{id}")
        await manager.press("Save", title="Wave", variants_0_option_1="M", variants_2_option_1="S")
        taken = "SELECT title, name FROM offer JOIN offer_pool ON offer_id = offer.id JOIN pool ON pool.id = pool_id"
        assert sorted(await sql(db, taken)) == [
            ("Wave · M / Black", "Wave · M / Black"),
            ("Wave · M / Red", "Red ones"),
            ("Wave · S / Black", "Wave · S / Black"),
            ("Wave · S / Red", "Wave · S / Red"),
        ]

    async def test_a_new_variant_takes_the_options_that_another_gives_up(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/edit/{id}")
        new = {"variants_4_option_1": "S", "variants_4_option_2": "Black", "variants_4_price": "9"}
        page = await manager.press("Save", status=422, **new)
        assert page.errors == ["The product has a variant with these options already."]
        await manager.press("Save", variants_0_option_1="XS")
        assert len(await sql(db, "SELECT id FROM offer")) == 5

    async def test_more_rows_are_not_more_statements(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager, options_0_values=", ".join("ABCDEFGHIJ"))
        few, many = [await statements_of_saving(manager, id, rows) for rows in (2, 20)]
        assert few == many
        audit_entries = (
            "SELECT before->>'sku', after->>'sku' FROM audit_entry WHERE action = 'shop.change_variant' ORDER BY id"
        )
        assert await sql(db, audit_entries) == [
            *(("", f"2-{n}") for n in range(2)),
            *((f"2-{n}" if n < 2 else "", f"20-{n}") for n in range(20)),
        ]

    async def test_what_changes_and_what_is_new_is_checked_together(self, manager: Clerk) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/edit/{id}")
        new = {"variants_4_option_1": "L", "variants_4_option_2": "Black", "variants_4_price": "9"}
        with counting() as sent:
            await manager.press("Save", variants_0_price="25", **new)
        assert len([each for each in sent if "FROM pool" in each and "FOR KEY SHARE" in each]) == 1
        assert len([each for each in sent if each.startswith("SELECT offer.id, variant.options")]) == 1

    async def test_a_price_that_was_changed_meanwhile_is_not_written_over(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/edit/{id}")
        await sql(db, "UPDATE offer_price SET amount = 2100")
        page = await manager.press("Save", status=412, title="Other")
        assert "21.00" in page.text
        assert await sql(db, "SELECT title FROM product") == [("Wake shirt",)]

    async def test_stock_that_sells_meanwhile_is_no_conflict(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        id = await add_shirt(manager, "published")
        await manager.visit(f"/admin/product/edit/{id}")
        [(offer,)] = await sql(db, "SELECT id FROM offer ORDER BY title LIMIT 1")
        await customer.order_at_once(offer)
        await manager.press("Save", title="Other")

    async def test_sending_it_twice_adds_it_once(self, manager: Clerk, db: Database) -> None:
        page = await manager.visit(NEW)
        await manager.press("Save", **SHIRT)
        first, manager.page = manager.page.url, page
        await manager.press("Save", **SHIRT)
        assert manager.page.url == first
        assert len(await sql(db, "SELECT id FROM product")) == 1

    async def test_who_may_only_look_changes_nothing(self, manager: Clerk, clerk: SignIn) -> None:
        id = await add_shirt(manager)
        moderator = await clerk("moderator")
        await moderator.visit(f"/admin/product/details/{id}")
        assert "Edit" not in moderator.page.links
        for path in (
            NEW,
            f"/admin/product/edit/{id}",
            f"/admin/product/do/publish?pks={id}",
            "/admin/product/export/csv",
        ):
            await moderator.visit(path, status=403)


def shown(page: Page) -> str:
    """Without its history."""
    return page.text.partition("History")[0]


async def statements_of_saving(manager: Clerk, product: str, rows: int) -> int:
    """With another price and SKU in so many rows, one more variant, and one to the archive."""
    await manager.visit(f"/admin/product/edit/{product}")
    values = {f"variants_{n}_price": str(rows) for n in range(rows)}
    values |= {f"variants_{n}_sku": f"{rows}-{n}" for n in range(rows)}
    with counting() as sent:
        await manager.press("Save", **values)
    return len(sent)


class TestPictures:
    async def test_a_file_becomes_a_picture_of_the_product(self, manager: Clerk, db: Database) -> None:
        await manager.visit(NEW)
        page = await manager.press("Save", files=[("cap.png", picture())], **SHIRT)
        assert "The image is being processed." in page.text
        await drain(db)
        assert "The image is being processed." not in (await manager.visit(page.url)).text
        assert "/320.webp" in manager.page.answer.text

    async def test_a_picture_stays_when_something_else_is_wrong(self, manager: Clerk, db: Database) -> None:
        await manager.visit(NEW)
        page = await manager.press("Save", status=422, files=[("cap.png", picture())], title="")
        url = page.value("images-0-url")
        await manager.press("Save", images_0_alt="A cap", title="Cap")
        assert await sql(db, "SELECT source_url, alt FROM product_image") == [(url, "A cap")]

    async def test_what_is_no_picture_is_named(self, manager: Clerk) -> None:
        await manager.visit(NEW)
        page = await manager.press("Save", status=422, files=[("cap.png", b"<svg/>")], **SHIRT)
        assert "“cap.png” cannot be read as an image" in " ".join(page.errors)

    async def test_pictures_are_put_in_order_and_removed(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        urls = [f"/static/site/{name}.svg" for name in ("a", "b", "c")]
        for position, url in enumerate(urls):
            insert = "INSERT INTO product_image (id, product_id, source_url, position) "
            await sql(db, f"{insert} VALUES (gen_random_uuid(), '{UUID(id)}', '{url}', {position})")
        await manager.visit(f"/admin/product/edit/{id}")
        await manager.press("Save", ticked=("images-1-gone",), images_0_position="9")
        assert await sql(db, "SELECT source_url FROM product_image ORDER BY position") == [(urls[2],), (urls[0],)]

    async def test_an_imported_path_that_is_no_picture_of_ours_is_shown_as_it_is(
        self, manager: Clerk, db: Database
    ) -> None:
        id = await add_shirt(manager)
        url = "/media/old-shop/shirt.jpg"
        await sql(
            db,
            f"INSERT INTO product_image (id, product_id, source_url, alt, position) "
            f"VALUES (gen_random_uuid(), '{id}', '{url}', '', 0)",
        )
        page = await manager.visit(f"/admin/product/details/{id}")
        assert url in page.answer.text
