"""Variants as staff write them down, and the prices of their products, which follow them."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.core.db.database import Database
from apps.orders.models import OfferPrice
from apps.shop.models import Variant
from tests.factories import make_shirt
from tests.journeys.customer import Customer, sql
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
SHIRT = {"title": "Shirt", "option_names": ["Size"], "published": True}
LARGE = {
    "options": ["L"],
    "prices": {"EUR": {"amount": 2500}, "USD": {"amount": 2800, "minimum": 100}},
    "allocation": {},
}
OUTPUT_ONLY = ("id", "product", "title", "active", "archived_at")


@pytest.fixture
async def shirt(staff_api: StaffApi) -> str:
    """Where its variants are."""
    return f"/products/{(await staff_api.add('/products', SHIRT))['id']}/variants"


class TestVariants:
    async def test_what_is_shown_can_be_sent_back(self, staff_api: StaffApi, shirt: str) -> None:
        added = await staff_api.add(
            shirt, LARGE | {"allocation": None, "stock": 5, "sku": "SH-L", "sale_from": "2026-01-01T00:00:00Z"}
        )
        assert (added["title"], added["active"], len(added["allocation"])) == ("Shirt · L", True, 1)
        again = {name: value for name, value in added.items() if name not in OUTPUT_ONLY}
        assert await staff_api.change(f"/variants/{added['id']}", again) == added

    async def test_stock_opens_a_pool_by_a_movement(self, staff_api: StaffApi, shirt: str, db: Database) -> None:
        added = await staff_api.add(shirt, LARGE | {"allocation": None, "stock": 5})
        ((pool, delta),) = await sql(db, "SELECT pool_id, delta FROM stock_movement")
        assert (added["allocation"], delta) == ({str(pool): 1}, 5)
        assert (await staff_api.get(f"/pools/{pool}"))["name"] == "Shirt · L"

    @pytest.mark.parametrize("both_or_none", [{"stock": 5}, {"allocation": None}])
    async def test_that_nothing_is_counted_is_said_on_purpose(
        self, staff_api: StaffApi, shirt: str, both_or_none: dict[str, Any]
    ) -> None:
        refused = await staff_api.add(shirt, LARGE | both_or_none, status=422)
        assert [each["field"] for each in refused["errors"]] == ["allocation"]
        added = await staff_api.add(shirt, LARGE | {"allocation": None, "stock": 5})
        without = {name: value for name, value in LARGE.items() if name != "allocation"}
        refused = await staff_api.change(f"/variants/{added['id']}", without, status=422)
        assert [each["field"] for each in refused["errors"]] == ["allocation"]

    async def test_options_are_the_products(self, staff_api: StaffApi, shirt: str) -> None:
        refused = await staff_api.add(shirt, LARGE | {"options": []}, status=422)
        assert refused["errors"][0]["field"] == "options"
        await staff_api.add(shirt, LARGE)
        taken = await staff_api.add(shirt, LARGE, status=409)
        assert taken["type"] == "urn:backline:problem:options-taken"

    async def test_everything_wrong_with_it_is_said(self, staff_api: StaffApi, shirt: str) -> None:
        unknown = "019aaaaa-0000-7000-8000-000000000000"
        prices = {"EUR": {"amount": 100, "minimum": 200, "compare_at": 100}, "XXZ": {"amount": 1}}
        body = LARGE | {"options": [], "prices": prices, "allocation": {unknown: 1}, "stock": 5}
        refused = await staff_api.add(shirt, body, status=422)
        assert {each["field"] for each in refused["errors"]} == {
            "options",
            "allocation",
            "prices.EUR.minimum",
            "prices.EUR.compare_at",
            "prices.XXZ",
            f"allocation.{unknown}",
        }

    async def test_an_archived_one_is_not_sold(self, staff_api: StaffApi, shirt: str, customer: Customer) -> None:
        added = await staff_api.add(shirt, LARGE)
        path = f"/variants/{added['id']}"
        assert (await staff_api.do(path, "archive"))["active"] is False
        await customer.add(added["id"], status=409)
        await staff_api.change(path, LARGE, status=409)
        assert (await staff_api.do(path, "restore"))["active"] is True
        await customer.add(added["id"])

    async def test_one_restored_under_an_archived_product_stays_off_sale(self, staff_api: StaffApi, shirt: str) -> None:
        added = await staff_api.add(shirt, LARGE)
        await staff_api.do(f"/variants/{added['id']}", "archive")
        await staff_api.do(shirt.removesuffix("/variants"), "archive")
        assert (await staff_api.do(f"/variants/{added['id']}", "restore"))["active"] is False

    async def test_one_of_an_archived_product_is_not_changed(self, staff_api: StaffApi, shirt: str) -> None:
        added = await staff_api.add(shirt, LARGE)
        await staff_api.do(shirt.removesuffix("/variants"), "archive")
        refused = await staff_api.change(f"/variants/{added['id']}", LARGE, status=409)
        assert refused["type"] == "urn:backline:problem:archived"

    async def test_of_two_changes_from_one_version_one_is_refused(
        self, staff_api: StaffApi, shirt: str, client: httpx.AsyncClient
    ) -> None:
        added = await staff_api.add(shirt, LARGE)
        path = f"/api/v1/staff/variants/{added['id']}"
        headers = staff_api.headers | {
            "If-Match": (await staff_api.ask("GET", f"/variants/{added['id']}")).headers["etag"]
        }
        changes = (client.put(path, json=LARGE | {"sku": sku}, headers=headers) for sku in ("A", "B"))
        assert sorted(answer.status_code for answer in await asyncio.gather(*changes)) == [200, 412]

    async def test_a_new_price_is_for_carts_to_come(
        self, staff_api: StaffApi, shirt: str, customer: Customer, client: httpx.AsyncClient
    ) -> None:
        added = await staff_api.add(shirt, LARGE)
        order = await customer.order_at_once(added["id"])
        await staff_api.change(f"/variants/{added['id']}", LARGE | {"prices": {"EUR": {"amount": 1900}}})
        assert (await customer.order(order))["total"] == 2500
        (item,) = (await client.get("/api/v1/products")).json()["items"]
        assert item["price_from"] == 1900
        assert (await client.get("/api/v1/products?currency=USD&sort=price")).json()["items"] == []


KEPT_PRICES = "SELECT currency, amount, highest, compare_at FROM product_price"
PRICES = """
    SELECT currency, amount, compare_at
    FROM offer_price JOIN offer ON offer.id = offer_id JOIN variant USING (offer_id) WHERE active
"""
MAYBE_AMOUNT = st.one_of(st.none(), st.integers(0, 9))
EDITS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["EUR", "USD"]), MAYBE_AMOUNT, MAYBE_AMOUNT, st.booleans()),
    min_size=1,
    max_size=12,
)


class TestTheProductsPrices:
    @pytest.fixture
    async def variants(self, db: Database) -> list[UUID]:
        """Three variants of one product."""
        async with db.begin() as session:
            first = await make_shirt(session)
            others = [Variant(title=size, options=[size], product_id=first.product_id) for size in "MS"]
            session.add_all(others)
            await session.flush()
            return [first.id, *(each.id for each in others)]

    @given(edits=EDITS)
    @hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_follows_every_edit(self, db: Database, variants: list[UUID], edits: list[Any]) -> None:
        for number, currency, amount, before, active in edits:
            await edit(db, variants[number], currency=currency, amount=amount, compare_at=before, active=active)
        await assert_prices(db)

    async def test_is_right_after_two_writers_at_once(self, db: Database, variants: list[UUID]) -> None:
        for low in range(8):
            writers = (
                edit(db, id, currency="EUR", amount=100 * low + n, compare_at=None, active=n != low % 3)
                for n, id in enumerate(variants)
            )
            await asyncio.gather(*writers)
            await assert_prices(db)

    async def test_takes_its_category_along(self, db: Database, variants: list[UUID]) -> None:
        await sql(db, "INSERT INTO category (id, slug, title) VALUES (gen_random_uuid(), 'caps', 'Caps')")
        await sql(db, "UPDATE product SET category_id = category.id FROM category")
        assert len(await sql(db, "SELECT 1 FROM product_price JOIN category ON category.id = category_id")) == 1


async def edit(
    db: Database, offer: UUID, *, currency: str, amount: int | None, compare_at: int | None, active: bool
) -> None:
    """One transaction of one writer; without `amount` the price goes."""
    async with db.begin() as session:
        variant = await session.get_one(Variant, offer)
        variant.active = active
        price = await session.get(OfferPrice, (offer, currency))
        if amount is None:
            if price:
                await session.delete(price)
        else:
            price = price or OfferPrice(offer_id=offer, currency=currency)
            price.amount, price.compare_at = amount, compare_at
            session.add(price)


async def assert_prices(db: Database) -> None:
    prices: dict[str, list[tuple[int, int | None]]] = {}
    for currency, amount, before in await sql(db, PRICES):
        prices.setdefault(currency, []).append((amount, before))
    assert {tuple(row) for row in await sql(db, KEPT_PRICES)} == {
        (currency, min(amounts := [amount for amount, _before in each]), max(amounts), price_before(each))
        for currency, each in prices.items()
    }
    assert len(await sql(db, "SELECT 1 FROM product")) == 1


def price_before(prices: list[tuple[int, int | None]]) -> int | None:
    """Of what is cheapest; none when something among it was never dearer."""
    cheapest = min(amount for amount, _before in prices)
    before = [before for amount, before in prices if amount == cheapest]
    return min(before) if all(each is not None and each > cheapest for each in before) else None
