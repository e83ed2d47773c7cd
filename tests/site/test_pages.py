"""What every page keeps to: languages, safe headers, errors with a way on, a fixed number of queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, update
from sqlalchemy.engine import Engine

from apps.concerts.models import Concert, ConcertState
from apps.core.db.database import Database
from apps.core.http.pages import language_links
from apps.core.text.slugs import choose_slug
from apps.orders.models import Offer
from apps.shop.models import Product, ProductImage
from apps.site.pages import PAGE
from project.demo.load import load_demo
from project.settings import settings
from tests.factories import make_concert, make_shirt
from tests.site.browser import Fan, Page
from tests.site.test_buying import ordered, sell

pytestmark = pytest.mark.anyio


class TestHome:
    async def test_an_empty_site_says_so(self, fan: Fan) -> None:
        page = await fan.visit("/")
        assert "No concerts are announced" in page.text
        assert "There is nothing in the shop" in page.text

    async def test_concerts_stand_in_the_venues_time(self, fan: Fan, db: Database) -> None:
        await load_demo(db, report=lambda line: None)
        page = await fan.visit("/")
        assert "Hamburg" in page.links
        assert "Crossing T-shirt" in page.links
        concert = await fan.follow("Hamburg")
        assert "20:00" in concert.text
        assert "With Ada Quill" in concert.text

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (ConcertState.cancelled, "cancelled"),
            (ConcertState.postponed, "postponed"),
            (ConcertState.announced, "not on sale"),
        ],
    )
    async def test_a_concert_that_is_not_sold_says_why(
        self, fan: Fan, db: Database, state: ConcertState, said: str
    ) -> None:
        _, concert = await sell(db)
        async with db.begin() as session:
            await session.execute(update(Concert).values(state=state))
        page = await fan.visit(f"/concerts/{concert.slug}")
        assert said in page.text
        assert not page.forms

    async def test_an_address_from_before_leads_to_the_page(self, fan: Fan, db: Database) -> None:
        product, concert = await sell(db)
        async with db.begin() as session:
            for row, slug in (
                (await session.get_one(Concert, concert.id), "new-day"),
                (await session.get_one(Product, product.id), "new-cut"),
            ):
                row.slug = await choose_slug(session, row, wanted=slug, words="")
        for path, slug, now in (("concerts", concert.slug, "new-day"), ("shop", product.slug, "new-cut")):
            answer = await fan.client.get(f"/{path}/{slug}?lang=ru")
            assert (answer.status_code, answer.headers["location"]) == (301, f"/{path}/{now}?lang=ru")
            assert answer.headers["cache-control"] == "no-cache"

    async def test_what_is_outside_its_sale_window_says_so(self, fan: Fan, db: Database) -> None:
        shirt, concert = await sell(db)
        async with db.begin() as session:
            await session.execute(update(Offer).values(sale_until=func.now()))
        assert (await fan.visit("/")).text.count("Not on sale at the moment") == 1
        pages = {f"/concerts/{concert.slug}": "No longer on sale", f"/shop/{shirt.slug}": "Not on sale at the moment"}
        for path, said in pages.items():
            page = await fan.visit(path)
            assert said in page.text
            assert not page.forms

    async def test_a_draft_is_not_there(self, fan: Fan, db: Database) -> None:
        async with db.begin() as session:
            concert = await make_concert(session)
            concert.state = ConcertState.draft
        await fan.visit(f"/concerts/{concert.slug}", status=404)

    async def test_pictures_of_others_are_not_shown(self, fan: Fan, db: Database) -> None:
        shirt, _ = await sell(db)
        async with db.begin() as session:
            product = await session.get_one(Product, shirt.id)
            product.description = "<p>Soft &amp; warm</p>"
            session.add(ProductImage(product_id=shirt.id, source_url="https://elsewhere.example/a.png"))
        for path in ("/", f"/shop/{shirt.slug}"):
            page = await fan.visit(path)
            assert "elsewhere.example" not in page.answer.text
            assert "no-picture.svg" in page.answer.text
        assert "Soft & warm" in page.text


class TestLists:
    async def test_all_concerts_and_the_whole_shop_are_pages(self, fan: Fan, db: Database) -> None:
        shirt, concert = await sell(db)
        assert (await fan.visit("/shop")).links["Shirt"] == f"/shop/{shirt.slug}"
        assert (await fan.visit("/concerts")).links["Berlin"] == f"/concerts/{concert.slug}"
        async with db.begin() as session:
            await session.execute(update(Concert).values(starts_at=func.now()))
        assert "No concerts are announced" in (await fan.visit("/concerts")).text
        assert (await fan.follow("Past concerts")).links["Berlin"] == f"/concerts/{concert.slug}"

    async def test_empty_ones_say_so(self, fan: Fan) -> None:
        assert "There is nothing in the shop" in (await fan.visit("/shop")).text
        assert "There are no past concerts" in (await fan.visit("/concerts?when=past")).text

    async def test_long_ones_come_in_pages(self, fan: Fan, db: Database) -> None:
        async with db.begin() as session:
            for _ in range(PAGE + 1):
                await make_shirt(session)
                await make_concert(session)
        for path, begins in (("/shop", "/shop/shirt"), ("/concerts", "/concerts/hall")):
            first = targets(await fan.visit(path), begins)
            second = targets(await fan.follow("Next page"), begins)
            assert (len(first), len(second), len(first | second)) == (PAGE, 1, PAGE + 1)
            assert "Next page" not in fan.page.links
            assert targets(await fan.follow("First page"), begins) == first

    async def test_a_place_that_is_none_is_a_page_of_its_own(self, fan: Fan) -> None:
        for path in ("/shop?after=x", "/concerts?after=x", "/concerts?when=never"):
            assert "To the front page" in (await fan.visit(path, status=422)).links


def targets(page: Page, begins: str) -> set[str]:
    return {attributes["href"] for tag, attributes in page.tags if attributes.get("href", "").startswith(begins)}


class TestLanguage:
    async def test_the_browsers_language_is_used(self, fan: Fan) -> None:
        page = await fan.visit("/", **{"Accept-Language": "ru-RU,ru;q=0.9"})
        assert page.answer.headers["content-language"] == "ru"
        assert ("html", {"lang": "ru"}) in page.tags
        assert "Концерты" in page.text

    async def test_a_chosen_language_is_kept(self, fan: Fan) -> None:
        await fan.visit("/")
        await fan.follow("Русский")
        assert "В вашей корзине пока ничего нет." in (await fan.visit("/cart")).text

    async def test_the_choice_means_nothing_to_the_api(self, fan: Fan) -> None:
        await fan.visit("/?lang=ru")
        answer = await fan.client.get("/api/v1/concerts/none")
        assert answer.json()["title"] == "There is nothing here."

    def test_a_link_to_another_language_stays_on_this_site(self) -> None:
        assert language_links("/cart?a=1&lang=en")["ru"] == "/cart?a=1&lang=ru"

    async def test_not_even_a_crooked_path_leads_away(self, fan: Fan) -> None:
        answer = await fan.client.get(f"{settings.base_url}//elsewhere.example/")
        assert answer.status_code == 404
        assert 'href="//' not in answer.text


class TestErrors:
    async def test_an_unknown_page_has_a_way_on(self, fan: Fan) -> None:
        page = await fan.visit("/nothing/here", status=404)
        assert page.links["To the front page"] == "/"

    async def test_an_order_without_its_key_is_not_there(self, fan: Fan, db: Database) -> None:
        order = await ordered(fan, db)
        await fan.visit(order.partition("?")[0], status=404)
        await fan.visit(f"{order}x", status=404)

    async def test_head_is_answered_like_get(self, client: httpx.AsyncClient) -> None:
        answer = await client.head("/")
        assert (answer.status_code, answer.content) == (200, b"")

    async def test_browsers_find_what_they_ask_for(self, client: httpx.AsyncClient) -> None:
        assert "Disallow: /orders/" in (await client.get("/robots.txt")).text
        icon = await client.get("/favicon.ico", follow_redirects=True)
        assert icon.headers["content-type"] == "image/svg+xml"


class TestHeaders:
    async def test_an_orders_key_is_not_told_to_others(self, fan: Fan, db: Database) -> None:
        await ordered(fan, db)
        headers = fan.page.answer.headers
        assert headers.get_list("referrer-policy") == ["no-referrer"]
        assert headers["cache-control"] == "private, no-store, no-transform"
        assert "content-encoding" not in headers
        assert "script-src 'self'; connect-src 'self'" in headers["content-security-policy"], "nobody else's scripts"

    async def test_cookies_are_out_of_reach_of_scripts(self, fan: Fan, db: Database) -> None:
        shirt, _ = await sell(db)
        form = (await fan.visit(f"/shop/{shirt.slug}")).forms[0]
        answer = await fan.client.post(form.action, data=form.fields)
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("cart=")
        assert {"HttpOnly", "SameSite=lax", "Max-Age=2592000"} <= set(cookie.split("; "))

    async def test_pages_carry_no_script_and_no_style_of_their_own(self, fan: Fan, db: Database) -> None:
        shirt, concert = await sell(db)
        for path in ("/", f"/shop/{shirt.slug}", f"/concerts/{concert.slug}", "/cart"):
            page = await fan.visit(path)
            assert not page.foreign & {"script", "style"}
            assert not [tag for tag, held in page.tags if "style" in held]


class TestQueries:
    async def test_more_to_show_costs_no_more_queries(self, fan: Fan, db: Database) -> None:
        shirt, concert = await sell(db)
        await fan.visit(f"/shop/{shirt.slug}")
        await fan.press("Add to cart")
        paths = ("/", f"/shop/{shirt.slug}", f"/concerts/{concert.slug}", "/cart", "/checkout")
        before = [await self.cost(fan, path) for path in paths]
        await load_demo(db, report=lambda line: None)
        assert [await self.cost(fan, path) for path in paths] == before
        assert before == [5, 4, 4, 9, 8]

    async def cost(self, fan: Fan, path: str) -> int:
        with counted() as statements:
            await fan.visit(path)
        return len(statements)


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
