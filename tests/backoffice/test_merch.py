"""Products and categories at the back office."""

import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from tests.backoffice.browser import Clerk
from tests.backoffice.merch import LIST, NEW, SHIRT, add_shirt, variants
from tests.factories import make_shirt
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.queries import counting

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
VARIANTS_OF = """
SELECT options, grams, position, array(SELECT amount FROM offer_price WHERE offer_price.offer_id = offer.id ORDER BY 1),
       sku, capacity
FROM variant JOIN offer ON offer.id = offer_id JOIN offer_pool USING (offer_id) JOIN pool ON pool.id = pool_id
WHERE product_id = :product ORDER BY position
"""


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
        assert page.errors == ["Already published."]

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


class TestActions:
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

    async def test_what_is_not_counted_gets_no_delivery(self, manager: Clerk) -> None:
        id = await add_shirt(manager, stock="")
        page = await manager.visit(f"/admin/product/do/receive?pks={id}")
        assert "Stock is not tracked for this product: it never sells out." in page.text

    async def test_all_of_a_variant_is_changed_on_its_own_page(self, manager: Clerk, db: Database) -> None:
        await add_shirt(manager)
        await manager.follow("S / Black")
        await manager.follow("Edit")
        await manager.press(
            "Save", grams="210", prices_1_currency="USD", prices_1_amount="24", sale_from="2026-01-01T10:00"
        )
        assert await sql(db, "SELECT grams FROM variant WHERE grams > 0") == [(210,)]
        assert "€19.90, $24.00" in manager.page.text
        await manager.follow("Archive")
        await manager.press("Archive")
        assert len(await variants(db)) == 3

    async def test_what_was_ordered_is_archived_and_not_deleted(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        await customer.order_at_once(shirt.id)
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


class TestDuplicate:
    async def test_a_copy_has_the_same_choices_prices_and_pictures_and_nothing_in_stock(
        self, manager: Clerk, db: Database
    ) -> None:
        id = await add_shirt(manager, "published")
        await sql(db, "UPDATE variant SET sku = 'W' || position, grams = 210")
        await sql(db, "INSERT INTO offer_price (offer_id, currency, amount) SELECT id, 'USD', 2200 FROM offer")
        insert = "INSERT INTO product_image (id, product_id, source_url, alt) SELECT gen_random_uuid(), id, :url, 'x'"
        await sql(db, f"{insert} FROM product", url="/static/media/no-picture.svg")
        await sql(db, """UPDATE product SET translations = '{"ru": {"title": "Волна", "description": "Тёплая"}}'""")
        page = await manager.visit(f"/admin/product/do/duplicate?pks={id}")
        assert page.value("title") == "Wake shirt"
        page = await manager.press("Duplicate", title="Wave shirt")
        assert "This is the copy, a draft." in page.text
        old, new = await sql(db, "SELECT * FROM product ORDER BY id")
        assert (new.title, new.slug, new.published) == ("Wave shirt", "wave-shirt", False)
        assert (new.option_names, new.translations) == (old.option_names, {"ru": {"description": "Тёплая"}})
        copied = await sql(db, VARIANTS_OF, product=new.id)
        assert [(sku, left) for *_same, sku, left in copied] == [("", 0)] * 4
        assert [each[:-2] for each in copied] == [each[:-2] for each in await sql(db, VARIANTS_OF, product=old.id)]
        assert await sql(db, "SELECT source_url, alt, count(*) FROM product_image GROUP BY 1, 2") == [
            ("/static/media/no-picture.svg", "x", 2)
        ]

    async def test_what_is_not_counted_stays_so(self, manager: Clerk, db: Database) -> None:
        id = await add_shirt(manager, stock="")
        await manager.visit(f"/admin/product/do/duplicate?pks={id}")
        await manager.press("Duplicate")
        assert await sql(db, "SELECT count(*) FROM variant") == [(8,)]
        assert await sql(db, "SELECT id FROM pool") == []
        assert await sql(db, "SELECT slug FROM product ORDER BY id") == [("wake-shirt",), ("wake-shirt-2",)]
