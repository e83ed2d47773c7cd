"""What products cost, as their list and their pages say it."""

import pytest

from apps.core.db.database import Database
from apps.orders.models import OfferPrice
from apps.shop.models import Product, Variant
from tests.factories import make_shirt
from tests.site.browser import Fan

pytestmark = pytest.mark.anyio
Price = tuple[int, int | None]


async def shirt(db: Database, *others: Price, compare_at: int | None = None) -> Product:
    """In L for €25, and in other sizes for other prices, with the price before."""
    async with db.begin() as session:
        large = await make_shirt(session)
        large.prices[0].compare_at = compare_at
        for number, (amount, before) in enumerate(others):
            prices = [OfferPrice(currency="EUR", amount=amount, compare_at=before)]
            size = Variant(title="Shirt", options=[f"S{number}"], product_id=large.product_id, prices=prices)
            session.add(size)
        return large.product


@pytest.mark.parametrize(
    ("others", "compare_at", "said", "not_said"),
    [
        ([(2500, None)], None, "€25.00", ["from", "was"]),
        ([(3000, None)], None, "from €25.00", ["was"]),
        ([(2500, 3500)], 3500, "€25.00 was €35.00", ["from"]),
        ([(2500, 4000)], 3500, "€25.00 was €35.00", ["from"]),
        ([(2500, None)], 3500, "€25.00", ["from"]),
        ([(2500, None)], 2000, "€25.00", ["from", "was"]),
    ],
)
async def test_list_and_page_say_the_same(
    fan: Fan, db: Database, others: list[Price], compare_at: int | None, said: str, not_said: list[str]
) -> None:
    product = await shirt(db, *others, compare_at=compare_at)
    for path in ("/", f"/shop/{product.slug}"):
        text = (await fan.visit(path)).text
        assert said in text
        assert not [each for each in not_said if each in text]


async def test_a_size_that_costs_more_says_so_with_its_price_before(fan: Fan, db: Database) -> None:
    product = await shirt(db, (3000, 4500))
    page = await fan.visit(f"/shop/{product.slug}")
    assert "S0 €30.00 was €45.00" in page.text
    assert ("s", {"class": "before"}) in page.tags


@pytest.mark.parametrize(
    ("before", "said"), [(None, ["L €25.00 was €35.00", "S0 €25.00"]), (4000, ["S0 €25.00 was €40.00"]), (3500, [])]
)
async def test_a_size_that_cost_more_before_says_so(
    fan: Fan, db: Database, before: int | None, said: list[str]
) -> None:
    product = await shirt(db, (2500, before), compare_at=3500)
    text = (await fan.visit(f"/shop/{product.slug}")).text
    assert [each for each in said if each not in text] == []
    assert ("L €25.00" in text) == bool(said)


async def test_the_api_tells_both_ends_and_the_price_before(fan: Fan, db: Database) -> None:
    await shirt(db, (3000, 4500), compare_at=3500)
    (item,) = (await fan.client.get("/api/v1/products")).json()["items"]
    assert (item["price_from"], item["price_to"]) == (2500, 3000)
    assert (item["compare_at"], item["compare_at_text"]) == (3500, "€35.00")
