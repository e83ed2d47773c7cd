"""Products and categories at the back office."""

from uuid import UUID

import pytest

from apps.core.db import Database
from apps.core.jobs import JOBS, drain
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.factories import make_shirt
from tests.journeys.buyer import Buyer, sql
from tests.journeys.conftest import buyer, client
from tests.media.files import picture
from tests.queries import counting

__all__ = ["buyer", "client"]
pytestmark = pytest.mark.anyio
NEW = "/admin/product/create"
LIST = "/admin/product/list"
SHIRT = {
    "title": "Wake shirt",
    "options_0_name": "Size",
    "options_0_values": "S, M",
    "options_1_name": "Colour",
    "options_1_values": "Black, Red",
    "price": "19.90",
    "stock": "5",
}


async def add_shirt(manager: Clerk, *ticked: str, **facts: str) -> str:
    """The address of its page, without what it is about."""
    await manager.visit(NEW)
    page = await manager.press("Save", ticked=ticked, **{**SHIRT, **facts})
    return page.url.partition("?")[0].rpartition("/")[2]


async def variants(db: Database) -> list[tuple]:
    return await sql(
        db,
        "SELECT options->>0, options->>1, amount, capacity, sku FROM variant JOIN offer ON offer.id = offer_id "
        "JOIN offer_price USING (offer_id) JOIN offer_pool USING (offer_id) JOIN pool ON pool.id = pool_id "
        "WHERE offer.archived_at IS NULL ORDER BY position",
    )


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

    async def test_a_price_that_was_changed_meanwhile_is_not_written_over(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/edit/{id}")
        await sql(db, "UPDATE offer_price SET amount = 2100")
        page = await manager.press("Save", status=412, title="Other")
        assert "21.00" in page.text
        assert await sql(db, "SELECT title FROM product") == [("Wake shirt",)]

    async def test_stock_that_sells_meanwhile_is_no_conflict(self, manager: Clerk, buyer: Buyer, db: Database) -> None:
        id = await add_shirt(manager, "published")
        await manager.visit(f"/admin/product/edit/{id}")
        [(offer,)] = await sql(db, "SELECT id FROM offer ORDER BY title LIMIT 1")
        await buyer.order_at_once(offer)
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
        assert "Change" not in moderator.page.links
        for path in (
            NEW,
            f"/admin/product/edit/{id}",
            f"/admin/product/do/publish?pks={id}",
            "/admin/product/export/csv",
        ):
            await moderator.visit(path, status=403)


class TestPublishing:
    async def test_a_draft_is_published_when_its_time_comes(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager, publish_at="2099-05-01T10:00")
        assert "Planned" in (await manager.visit(f"/admin/product/details/{id}")).text
        await JOBS["shop.publish_due"].run(db, None)
        assert await sql(db, "SELECT DISTINCT active FROM offer") == [(False,)]
        await sql(db, "UPDATE product SET publish_at = now()")
        await JOBS["shop.publish_due"].run(db, None)
        assert await sql(db, "SELECT published, publish_at FROM product") == [(True, None)]
        assert await sql(db, "SELECT DISTINCT active FROM offer") == [(True,)]
        assert "Published" in (await manager.visit(f"/admin/product/details/{id}")).text

    async def test_what_is_published_waits_for_nothing(self, manager: Clerk) -> None:
        await manager.visit(NEW)
        page = await manager.press("Save", status=422, ticked=("published",), publish_at="2099-05-01T10:00", **SHIRT)
        assert page.errors == ["It is published already."]

    async def test_a_selection_is_published_and_hidden_together(self, manager: Clerk, db: Database) -> None:
        ids = [await add_shirt(manager, title=f"Shirt {n}") for n in range(2)]
        await manager.visit(LIST)
        await manager.press("Publish", ticked=tuple(ids))
        await manager.press("Publish")
        assert await sql(db, "SELECT DISTINCT published FROM product") == [(True,)]
        await manager.visit(LIST)
        await manager.press("Hide", ticked=tuple(ids))
        await manager.press("Hide")
        assert await sql(db, "SELECT DISTINCT active FROM offer") == [(False,)]


class TestVerbs:
    async def test_variants_are_added_by_their_options(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        await manager.visit(f"/admin/product/do/combine?pks={id}")
        await manager.press("Add variants", option_1="M, L", option_2="Red", price="21", stock="3")
        assert await variants(db) == [
            *((size, colour, 1990, 5, "") for size in ("S", "M") for colour in ("Black", "Red")),
            ("L", "Red", 2100, 3, ""),
        ]

    async def test_a_delivery_comes_for_several_sizes_at_once(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        page = await manager.visit(f"/admin/product/do/receive?pks={id}")
        await manager.press("Receive a delivery", pieces_0_units="10", pieces_2_units="4", note="Printer, box 3")
        assert [row[3] for row in await variants(db)] == [15, 5, 9, 5]
        manager.page = page
        await manager.press("Receive a delivery", pieces_0_units="10", pieces_2_units="4", note="Printer, box 3")
        assert [row[3] for row in await variants(db)] == [15, 5, 9, 5]
        assert "Printer, box 3" in manager.page.text

    async def test_prices_change_for_a_selection_and_the_old_ones_are_shown(self, manager: Clerk, db: Database) -> None:
        ids = [await add_shirt(manager, title=f"Shirt {n}", price=price) for n, price in ((0, "19.90"), (1, "10"))]
        await manager.visit(LIST)
        await manager.press("New prices", ticked=tuple(ids))
        await manager.press("New prices", percent="-15", ticked=("keeps_before",))
        prices = "SELECT DISTINCT amount, compare_at FROM offer_price ORDER BY amount"
        assert await sql(db, prices) == [(850, 1000), (1692, 1990)]
        await manager.visit(f"/admin/product/do/reprice?pks={ids[0]}")
        await manager.press("New prices", price="25")
        assert await sql(db, prices) == [(850, 1000), (2500, None)]
        await manager.visit(f"/admin/product/do/reprice?pks={ids[0]}")
        await manager.press("New prices", status=422, price="25", percent="3")

    async def test_all_of_a_variant_is_changed_on_its_own_page(self, manager: Clerk, db: Database) -> None:
        await add_shirt(manager)
        await manager.follow("S / Black")
        await manager.follow("Change")
        await manager.press(
            "Save", grams="210", prices_1_currency="USD", prices_1_amount="24", sale_from="2026-01-01T10:00"
        )
        assert await sql(db, "SELECT grams FROM variant WHERE grams > 0") == [(210,)]
        assert "€19.90, $24.00" in manager.page.text
        await manager.follow("Archive")
        await manager.press("Archive")
        assert len(await variants(db)) == 3

    async def test_what_was_ordered_is_archived_and_not_deleted(
        self, manager: Clerk, buyer: Buyer, db: Database
    ) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        await buyer.order_at_once(shirt.id)
        page = await manager.visit(f"/admin/product/do/delete?pks={shirt.product_id}")
        assert "Orders 1" in page.text
        await manager.press("Delete", status=409)
        await manager.visit(f"/admin/product/do/archive?pks={shirt.product_id}")
        await manager.press("Archive")
        assert await sql(db, "SELECT active FROM offer") == [(False,)]

    async def test_what_was_never_ordered_goes_with_all_that_hangs_on_it(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        page = await manager.visit(f"/admin/product/do/delete?pks={id}")
        assert "Variants 4" in page.text
        await manager.press("Delete")
        assert await sql(db, "SELECT id FROM product UNION SELECT id FROM offer") == []
        assert len(await sql(db, "SELECT id FROM pool WHERE archived_at IS NOT NULL")) == 4

    async def test_a_category_goes_when_nothing_belongs_to_it(self, manager: Clerk, db: Database) -> None:
        await manager.visit("/admin/category/create")
        id = (await manager.press("Save", title="Shirts")).url.partition("?")[0].rpartition("/")[2]
        await add_shirt(manager, category_words="Shirts")
        await manager.visit(f"/admin/category/do/delete?pks={id}")
        await manager.press("Delete", status=409)
        await sql(db, "UPDATE product SET category_id = NULL")
        await manager.visit(f"/admin/category/do/delete?pks={id}")
        await manager.press("Delete")
        assert await sql(db, "SELECT id FROM category") == []


class TestPictures:
    async def test_a_file_becomes_a_picture_of_the_product(self, manager: Clerk, db: Database) -> None:
        await manager.visit(NEW)
        page = await manager.press("Save", files=[("cap.png", picture())], **SHIRT)
        assert "It is being made." in page.text
        await drain(db)
        assert "It is being made." not in (await manager.visit(page.url)).text
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
        assert "“cap.png” cannot be taken" in " ".join(page.errors)

    async def test_pictures_are_put_in_order_and_removed(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager)
        urls = [f"/static/site/{name}.svg" for name in ("a", "b", "c")]
        for position, url in enumerate(urls):
            insert = "INSERT INTO product_image (id, product_id, source_url, position) "
            await sql(db, f"{insert} VALUES (gen_random_uuid(), '{UUID(id)}', '{url}', {position})")
        await manager.visit(f"/admin/product/edit/{id}")
        await manager.press("Save", ticked=("images-1-gone",), images_0_place="9")
        assert await sql(db, "SELECT source_url FROM product_image ORDER BY position") == [(urls[2],), (urls[0],)]


class TestList:
    async def test_it_is_searched_by_title_vendor_tag_and_sku(self, manager: Clerk, db: Database) -> None:
        await add_shirt(manager, vendor="Mill & Co", tags="organic, tour 2027")
        await add_shirt(manager, title="Pin")
        await sql(db, "UPDATE variant SET sku = 'W-77' WHERE product_id = (SELECT id FROM product WHERE vendor <> '')")
        for words in ("wake", "MILL", "tour 2027", "w-77"):
            page = await manager.visit(f"{LIST}?q={words}")
            assert "Wake shirt" in page.links, words
            assert "Pin" not in page.links, words

    async def test_what_runs_out_is_found(self, manager: Clerk) -> None:
        await add_shirt(manager, title="Many", stock="11")
        await add_shirt(manager, title="Few", stock="10")
        page = await manager.visit(f"{LIST}?stock=few")
        assert "Few" in page.links
        assert "Many" not in page.links

    async def test_states_are_counted_and_chosen(self, manager: Clerk) -> None:
        await add_shirt(manager, "published", title="Out")
        await add_shirt(manager, title="Not yet")
        page = await manager.visit(f"{LIST}?state=draft")
        assert "Draft (1)" in page.text
        assert "Not yet" in page.links
        assert "Out" not in page.links

    async def test_what_it_shows_is_told_as_csv(self, manager: Clerk) -> None:
        await add_shirt(manager, title="=1+1")
        lines = (await manager.client.get("/admin/product/export/csv")).text.splitlines()
        assert lines[1].startswith("'=1+1,")
        assert "€19.90,20,Draft" in lines[1]

    async def test_more_products_ask_no_more_questions(self, manager: Clerk, db: Database) -> None:
        paths = [LIST, f"{LIST}?q=shirt&sort=title"]
        asked = []
        for _ in range(2):
            async with db.begin() as session:
                for _n in range(3):
                    await make_shirt(session)
            for path in paths:
                with counting() as sent:
                    await manager.visit(path)
                asked.append(len(sent))
        assert asked[:2] == asked[2:]
        assert max(asked) < 12
