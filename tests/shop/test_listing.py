"""What fans find in the shop, asked over HTTP."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.shop.listing.spelling import find_wording
from apps.shop.models import Category
from tests.factories import make_shirt
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
PRODUCTS = "/api/v1/products"
MANY_SHIRTS = """
INSERT INTO product (id, slug, title) SELECT gen_random_uuid(), 'shirt-' || n, 'Band shirt ' || n
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
"""


async def add_published(
    db: Database,
    title: str,
    *,
    price: int = 2500,
    stock: int | None = 40,
    category: Category | None = None,
    **facts: Any,
) -> None:
    async with db.begin() as session:
        product = (await make_shirt(session, price=price, stock=stock)).product
        product.title = title
        product.category = await session.merge(category) if category else None
        for name, value in facts.items():
            setattr(product, name, value)


async def put_all(db: Database, titles: Iterable[str]) -> None:
    for number, title in enumerate(titles):
        await add_published(db, title, price=1000 * (number + 1))


async def titles(client: httpx.AsyncClient, status: int = 200, **query: Any) -> list[str]:
    answer = await client.get(PRODUCTS, params=query)
    assert answer.status_code == status, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def all_pages(client: httpx.AsyncClient, **query: Any) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        page = (await client.get(PRODUCTS, params=query | ({"after": after} if after else {}))).json()
        found += [item["title"] for item in page["items"]]
        after = page["next"]
        if after is None:
            return found


@pytest.fixture
async def published(db: Database) -> None:
    await put_all(db, ["Wake hoodie", "Crossing T-shirt", "Deck tote", "Harbour patches", "Signal cap"])


@pytest.mark.usefixtures("published")
class TestSorting:
    @pytest.mark.parametrize(
        ("sort", "first", "last"),
        [
            ("title", "Crossing T-shirt", "Wake hoodie"),
            ("price", "Wake hoodie", "Signal cap"),
            ("-price", "Signal cap", "Wake hoodie"),
            ("newest", "Signal cap", "Wake hoodie"),
        ],
    )
    async def test_each_order_goes_through_all_pages(
        self, client: httpx.AsyncClient, sort: str, first: str, last: str
    ) -> None:
        whole = await titles(client, sort=sort)
        assert (whole[0], whole[-1], len(whole)) == (first, last, 5)
        assert await all_pages(client, sort=sort, limit=2) == whole

    async def test_a_place_in_one_list_is_none_in_another(self, client: httpx.AsyncClient) -> None:
        page = (await client.get(PRODUCTS, params={"limit": 2})).json()
        for other in ({"sort": "price"}, {"q": "hoodie"}, {"category": "x"}, {"in_stock": "true"}, {"currency": "USD"}):
            answer = await client.get(PRODUCTS, params={"after": page["next"], **other})
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:backline:problem:bad-cursor")

    async def test_a_price_bound_sorts_by_price(self, client: httpx.AsyncClient) -> None:
        assert await titles(client, price_min=2000, price_max=4000) == [
            "Crossing T-shirt",
            "Deck tote",
            "Harbour patches",
        ]
        assert await titles(client, price_min=3000, sort="title") == ["Deck tote", "Harbour patches", "Signal cap"]

    async def test_without_a_price_in_the_currency_there_is_no_place_by_price(self, client: httpx.AsyncClient) -> None:
        assert await titles(client, currency="USD", sort="price") == []
        assert len(await titles(client, currency="USD")) == 5


class TestFiltering:
    async def test_by_category_in_every_order(self, client: httpx.AsyncClient, db: Database) -> None:
        caps = Category(slug="caps", title="Caps", translations={"ru": {"title": "Кепки"}})
        await add_published(db, "Cap", category=caps)
        await add_published(db, "Shirt")
        for sort in ("title", "price", "-price", "newest"):
            assert await titles(client, category="caps", sort=sort) == ["Cap"]
        assert await titles(client, category="caps", q="cap") == ["Cap"]
        assert await titles(client, category="hats") == []

    async def test_what_is_sold_out_can_be_left_out(self, client: httpx.AsyncClient, db: Database) -> None:
        await add_published(db, "Gone", stock=0)
        await add_published(db, "There", stock=1)
        await add_published(db, "Always", stock=None)
        assert await titles(client, in_stock="true") == ["Always", "There"]
        assert await titles(client) == ["Always", "Gone", "There"]

    async def test_a_short_page_says_where_to_go_on(self, client: httpx.AsyncClient, db: Database) -> None:
        await sql(
            db,
            """INSERT INTO product (id, slug, title)
               SELECT gen_random_uuid(), 'gone-' || n, 'Gone ' || n FROM generate_series(1, 1000) n""",
        )
        await add_published(db, "Here")
        page = (await client.get(PRODUCTS, params={"in_stock": "true", "limit": 5})).json()
        assert page["items"] == []
        assert page["next"]
        assert await all_pages(client, in_stock="true", limit=5) == ["Here"]

    async def test_drafts_and_what_is_archived_are_not_shown(self, client: httpx.AsyncClient, db: Database) -> None:
        await add_published(db, "Draft", published=False)
        await add_published(db, "Archived", archived_at=datetime.now(UTC))
        for sort in ("title", "newest"):
            assert await titles(client, sort=sort) == []
        assert await titles(client, q="draft") == []


@pytest.mark.usefixtures("published")
class TestSearching:
    @pytest.mark.parametrize(
        ("words", "best"),
        [
            ("hodie", "Wake hoodie"),
            ("HOODIE", "Wake hoodie"),
            ("hoody", "Wake hoodie"),
            ("tshirt", "Crossing T-shirt"),
            ("t shirt", "Crossing T-shirt"),
            ("crosing shirt", "Crossing T-shirt"),
            ("harbor", "Harbour patches"),
            ("sig", "Signal cap"),
            ("härbour", "Harbour patches"),
        ],
    )
    async def test_typing_errors_are_forgiven(self, client: httpx.AsyncClient, words: str, best: str) -> None:
        assert (await titles(client, q=words))[:1] == [best]

    @pytest.mark.parametrize("words", ["hoodie wake", "wake hood", "red hoodie", "oodie"])
    async def test_words_are_found_in_any_order_and_as_parts(self, client: httpx.AsyncClient, words: str) -> None:
        assert (await titles(client, q=words))[:1] == ["Wake hoodie"]

    @pytest.mark.parametrize("words", ["футболка", "футбалка", "Футболку", "фудболка"])
    async def test_other_languages_are_searched_too(self, client: httpx.AsyncClient, db: Database, words: str) -> None:
        await add_published(db, "Ferry tee", translations={"ru": {"title": "Футболка «Паром»"}})
        assert (await titles(client, q=words))[:1] == ["Ferry tee"]

    async def test_the_title_itself_comes_first(self, client: httpx.AsyncClient, db: Database) -> None:
        await put_all(db, ["Best cap ever", "Cap", "Captain mug"])
        assert (await titles(client, q="cap"))[:2] == ["Cap", "Captain mug"]
        assert await all_pages(client, q="cap", limit=1) == await titles(client, q="cap")

    @pytest.mark.parametrize("words", ["a", "%", "_", "\\", "%%%", "((", "'", '"', "🎸", "  ", "\u00a0", "a" * 100])
    async def test_strange_words_are_harmless(self, client: httpx.AsyncClient, words: str) -> None:
        assert len(await titles(client, q=words)) in range(6)

    async def test_more_than_a_search_looks_at_is_said(self, client: httpx.AsyncClient, db: Database) -> None:
        async def is_truncated(**query: Any) -> bool:
            return (await client.get(PRODUCTS, params=query)).json()["truncated"]

        await sql(db, MANY_SHIRTS, first=1, last=300)
        assert not await is_truncated(q="band shirt")
        assert len(await all_pages(client, q="band shirt", limit=100)) == 300
        await sql(db, MANY_SHIRTS, first=301, last=301)
        assert [await is_truncated(q=q) for q in ("band shirt", "band cap", "shirt")] == [True, True, True]
        assert await is_truncated(q="shirt", price_max=5)
        assert not await is_truncated(q="shirt", category="none")
        assert not await is_truncated()

    async def test_words_that_are_nothing_find_nothing(self, client: httpx.AsyncClient) -> None:
        assert await titles(client, q="zzzz") == []


def typing_errors(word: str) -> list[str]:
    """Every inner letter swapped with the next, replaced, left out and doubled."""
    other = "x" if word.isascii() else "щ"
    errors = []
    for place in range(1, len(word) - 1):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        errors += [before + other + after, before + after, before + letter + letter + after]
        errors += [before + after[0] + letter + after[1:]] if len(after) > 1 else []
    return errors


class TestTypingErrors:
    WORDS = ("hoodie", "vinyl", "poster", "tote", "кружка", "прилив", "футболка")

    async def test_of_every_kind_at_every_inner_letter_are_forgiven(self, db: Database) -> None:
        await put_all(db, [f"The {word} of the band" for word in self.WORDS])
        typed = [(word, error) for word in self.WORDS for error in typing_errors(word)]
        async with db.reads() as reads:
            found = [(await find_wording(reads, error)).q == word for word, error in typed]
        assert sum(found) >= 0.9 * len(typed), [each for each, was in zip(typed, found, strict=True) if not was]

    async def test_a_typing_error_finds_nothing_else(self, client: httpx.AsyncClient, db: Database) -> None:
        await put_all(db, self.WORDS)
        for word, typed in (("vinyl", "vynil"), ("tote", "toet"), ("poster", "psoter"), ("кружка", "крушка")):
            assert await titles(client, q=typed) == [word]

    async def test_new_words_of_a_product_are_known(self, client: httpx.AsyncClient, db: Database) -> None:
        await add_published(db, "Cap")
        await sql(db, "UPDATE product SET title = 'Umbrella'")
        assert await titles(client, q="umbrlela") == ["Umbrella"]


class TestLanguages:
    async def test_texts_and_prices_are_in_the_readers_language(self, client: httpx.AsyncClient, db: Database) -> None:
        caps = Category(slug="caps", title="Caps", translations={"ru": {"title": "Кепки"}})
        translations = {"ru": {"title": "Кепка", "description": "<p>Синяя</p>"}}
        await add_published(db, "Cap", slug="cap", category=caps, translations=translations)
        russian = {"Accept-Language": "ru"}
        (item,) = (await client.get(PRODUCTS, headers=russian)).json()["items"]
        assert (item["title"], item["category"]["title"]) == ("Кепка", "Кепки")
        assert item["price_text"] == "25,00\xa0€"
        product = (await client.get(f"{PRODUCTS}/cap", headers=russian)).json()
        assert (product["title"], product["description"]) == ("Кепка", "<p>Синяя</p>")
        assert (await client.get(f"{PRODUCTS}/cap")).json()["variants"][0]["price_text"] == "€25.00"

    async def test_categories_count_what_is_published(self, client: httpx.AsyncClient, db: Database) -> None:
        caps = Category(id=uuid7(), slug="caps", title="Caps", position=2)
        await add_published(db, "Cap", category=caps)
        await add_published(db, "Draft", published=False, category=caps)
        async with db.begin() as session:
            session.add(Category(slug="mugs", title="Mugs", position=1))
        found = (await client.get("/api/v1/categories")).json()["items"]
        assert found == [
            {"slug": "mugs", "title": "Mugs", "products": 0},
            {"slug": "caps", "title": "Caps", "products": 1},
        ]
