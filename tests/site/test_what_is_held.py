"""What is in carts is not sold out, least of all to whoever has it there."""

from collections.abc import AsyncIterator

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_concert, make_pool, make_shirt, make_ticket_type
from tests.journeys.customer import Customer, age_holds
from tests.site.browser import Fan

pytestmark = pytest.mark.anyio
MAY_COME_BACK = "Some are not paid for yet and may come back."


@pytest.fixture
async def stranger(client: httpx.AsyncClient) -> AsyncIterator[Fan]:
    """With cookies of their own."""
    async with httpx.AsyncClient(transport=client._transport, base_url=client.base_url) as own:
        yield Fan(own)


@pytest.fixture
async def concert(db: Database) -> str:
    """The path of one with two places."""
    async with db.begin() as session:
        concert, pool = await make_concert(session), await make_pool(session, 2)
        await make_ticket_type(session, {pool.id: 1}, concert=concert)
        return f"/concerts/{concert.slug}"


@pytest.fixture
async def shirt(db: Database) -> str:
    async with db.begin() as session:
        return f"/shop/{(await make_shirt(session, stock=2)).product.slug}"


class TestConcert:
    async def test_others_may_hope(self, fan: Fan, stranger: Fan, concert: str) -> None:
        await fan.visit(concert)
        await fan.press("Add to cart", quantity=2)
        page = await stranger.visit(concert)
        assert "All taken for now" in page.text
        assert MAY_COME_BACK in page.text
        assert "Sold out" not in page.text
        assert "in your cart" not in page.text
        for path in ("/", "/concerts"):
            assert "All taken for now" in (await stranger.visit(path)).text

    async def test_the_holder_is_led_to_the_cart(self, fan: Fan, concert: str) -> None:
        await fan.visit(concert)
        await fan.press("Add to cart")
        page = await fan.visit(concert)
        assert "1 left" in page.text
        assert page.links["1 in your cart"] == "/cart"
        await fan.press("Add to cart")
        page = await fan.visit(concert)
        assert page.links["2 in your cart"] == "/cart"
        assert "Sold out" not in page.text
        assert MAY_COME_BACK not in page.text

    async def test_a_cart_that_ran_out_holds_nothing(self, fan: Fan, stranger: Fan, concert: str, db: Database) -> None:
        await fan.visit(concert)
        await fan.press("Add to cart", quantity=2)
        await age_holds(db, minutes=20)
        assert "in your cart" not in (await fan.visit(concert)).text

    async def test_sold_is_sold(self, fan: Fan, customer: Customer, concert: str) -> None:
        offer = (await fan.visit(concert)).forms[0].fields["offer"]
        await customer.pay(await customer.order_at_once(offer, 2))
        page = await fan.visit(concert)
        assert "Sold out" in page.text
        assert "taken for now" not in page.text

    async def test_a_refusal_says_what_can_be_had(self, fan: Fan, concert: str) -> None:
        await fan.visit(concert)
        await fan.press("Add to cart")
        await fan.visit(concert)
        refused = await fan.press("Add to cart", quantity=2, status=409)
        assert "You have 1 of “Live · Standing” in your cart. Only 1 more can be added: 2 in total." in refused.text

    async def test_in_russian(self, fan: Fan, stranger: Fan, concert: str) -> None:
        await fan.visit(concert)
        await fan.press("Add to cart", quantity=2)
        mine, theirs = [await each.visit(f"{concert}?lang=ru") for each in (fan, stranger)]
        assert mine.links["2 в вашей корзине"] == "/cart"
        assert "Пока всё разобрали" in theirs.text
        assert "Часть ещё не оплачена и может вернуться в продажу." in theirs.text


class TestProduct:
    async def test_others_may_hope(self, fan: Fan, stranger: Fan, shirt: str) -> None:
        await fan.visit(shirt)
        await fan.press("Add to cart", quantity=2)
        page = await stranger.visit(shirt)
        assert "All taken for now" in page.text
        assert MAY_COME_BACK in page.text
        assert "Sold out" not in page.text
        assert "All taken for now" in (await stranger.visit("/shop")).text

    async def test_the_holder_is_led_to_the_cart(self, fan: Fan, shirt: str) -> None:
        await fan.visit(shirt)
        await fan.press("Add to cart", quantity=2)
        page = await fan.visit(shirt)
        assert page.links["2 in your cart"] == "/cart"
        assert "Sold out" not in page.text

    async def test_what_never_runs_out_is_in_the_cart_too(self, fan: Fan, db: Database) -> None:
        async with db.begin() as session:
            path = f"/shop/{(await make_shirt(session, stock=None)).product.slug}"
        await fan.visit(path)
        await fan.press("Add to cart", quantity=3)
        assert (await fan.visit(path)).links["3 in your cart"] == "/cart"
