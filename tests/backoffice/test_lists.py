"""Lists go on and back, and are sorted by what is seen in them."""

import re

import pytest

from apps.core.db.database import Database
from apps.shop.models import Product
from tests.backoffice.browser import Clerk, Page
from tests.factories import make_shirt
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
LIST = "/admin/product/list"
TITLE = re.compile(r"Shirt \d\d")


@pytest.fixture
async def shirts(db: Database) -> list[Product]:
    async with db.begin() as session:
        made = [await make_shirt(session, price=(n * 37) % 60 + 1, stock=(n * 23) % 60) for n in range(60)]
        for n, variant in enumerate(made):
            variant.product.title = f"Shirt {n:02}"
    return [variant.product for variant in made]


def titles(page: Page) -> list[str]:
    return [text for text, place in page.places if TITLE.fullmatch(text) and "/details/" in place]


@pytest.mark.parametrize("sort", ["", "title", "-title", "price", "-left", "state"])
async def test_back_leads_where_one_came_from(manager: Clerk, shirts: list[Product], sort: str) -> None:
    pages = [await manager.visit(f"{LIST}?sort={sort}")]
    assert "Previous page" not in pages[0].links
    while "Next page" in manager.page.links:
        pages.append(await manager.follow("Next page"))
    seen = [titles(page) for page in pages]
    assert [len(each) for each in seen] == [25, 25, 10]
    assert len({title for each in seen for title in each}) == 60
    for before in reversed(seen[:-1]):
        assert titles(await manager.follow("Previous page")) == before
    assert "Previous page" not in manager.page.links
    assert titles(await manager.follow("Next page")) == seen[1]


async def test_back_over_less_than_a_page_is_the_first_page(
    manager: Clerk, db: Database, shirts: list[Product]
) -> None:
    await manager.visit(f"{LIST}?sort=title")
    await manager.follow("Next page")
    await sql(db, "UPDATE product SET archived_at = now() WHERE title < 'Shirt 10'")
    assert titles(await manager.follow("Previous page")) == [f"Shirt {n}" for n in range(10, 35)]


async def test_a_page_that_has_gone_is_the_first(manager: Clerk, db: Database, shirts: list[Product]) -> None:
    await manager.visit(f"{LIST}?sort=title")
    last = manager.page.links["Next page"]
    await sql(db, "UPDATE product SET archived_at = now() WHERE title > 'Shirt 20'")
    assert len(titles(await manager.visit(last))) == 21


@pytest.mark.parametrize(("sort", "key"), [("price", 37), ("left", 23)])
async def test_by_price_and_stock(manager: Clerk, shirts: list[Product], sort: str, key: int) -> None:
    expected = sorted(range(60), key=lambda n: (n * key) % 60)
    page = await manager.visit(f"{LIST}?sort={sort}")
    assert titles(page) == [f"Shirt {n:02}" for n in expected[:25]]
    page = await manager.visit(f"{LIST}?sort=-{sort}")
    assert titles(page) == [f"Shirt {n:02}" for n in expected[:-26:-1]]


async def test_by_state(manager: Clerk, db: Database, shirts: list[Product]) -> None:
    await sql(db, "UPDATE product SET published = false WHERE title IN ('Shirt 07', 'Shirt 08')")
    await sql(db, "UPDATE product SET publish_at = '2099-01-01' WHERE title = 'Shirt 07'")
    assert titles(await manager.visit(f"{LIST}?sort=-state"))[:2] == ["Shirt 08", "Shirt 07"]


async def test_what_has_no_price_and_is_not_counted_has_its_place(
    manager: Clerk, db: Database, shirts: list[Product]
) -> None:
    await sql(db, "DELETE FROM offer_price USING variant, product WHERE offer_price.offer_id = variant.offer_id "
                  "AND product_id = product.id AND product.title = 'Shirt 30'")  # fmt: skip
    await sql(db, "DELETE FROM offer_pool USING variant, product WHERE offer_pool.offer_id = variant.offer_id "
                  "AND product_id = product.id AND product.title = 'Shirt 30'")  # fmt: skip
    for sort in ("price", "-left"):
        assert titles(await manager.visit(f"{LIST}?sort={sort}"))[0] == "Shirt 30"
        await manager.follow("Next page")
        assert len(titles(await manager.follow("Previous page"))) == 25
