"""A reduced price counts from its beginning until its end by the database's clock, wherever prices are asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.core.db.database import Database
from apps.orders.models import OfferPrice
from apps.shop.models import Variant
from tests.factories import make_shirt, make_tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, sql

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
FULL, REDUCED = 2500, 1900
WINDOWS = [
    ((None, None), True),
    ((-HOUR, None), True),
    ((None, HOUR), True),
    ((-HOUR, HOUR), True),
    ((HOUR, 2 * HOUR), False),
    ((HOUR, None), False),
    ((-2 * HOUR, -HOUR), False),
]
Window = tuple[timedelta | None, timedelta | None]
KEPT = "SELECT amount, highest, compare_at FROM product_price WHERE since <= now() AND now() < until"


async def reduce(db: Database, offer: UUID, window: Window, *, amount: int = REDUCED) -> None:
    """To `amount`, before that FULL, from a moment until a moment as seen from now."""
    begins, ends = (each and datetime.now(UTC) + each for each in window)
    async with db.begin() as session:
        price = await session.get_one(OfferPrice, (offer, "EUR"))
        price.reduced, price.reduced_compare_at, price.reduced_from, price.reduced_until = amount, FULL, begins, ends


async def shirt(db: Database, **facts: Any) -> Variant:
    async with db.begin() as session:
        return await make_shirt(session, price=FULL, **facts)


@pytest.mark.parametrize(("window", "counts"), WINDOWS)
async def test_it_counts_at_every_door(window: Window, counts: bool, customer: Customer, db: Database) -> None:
    variant = await shirt(db)
    await reduce(db, variant.id, window)
    price, before = (REDUCED, FULL) if counts else (FULL, None)
    (listed,) = (await customer.client.get("/api/v1/products")).json()["items"]
    assert (listed["price_from"], listed["price_to"], listed["compare_at"]) == (price, price, before)
    (shown,) = (await customer.client.get(f"/api/v1/products/{listed['slug']}")).json()["variants"]
    assert (shown["price"], shown["compare_at"]) == (price, before)
    for path in ("/", f"/shop/{listed['slug']}"):
        assert ("€19.00" in (await customer.client.get(path)).text) == counts
    await customer.add(variant.id)
    order = await customer.order_at_once(variant.id, 2)
    assert order["total"] == 2 * price


async def test_it_begins_and_ends_while_nothing_else_happens(customer: Customer, db: Database) -> None:
    """The list's own prices hold each span of time: nobody has to come at the moment itself."""
    variant = await shirt(db)
    await reduce(db, variant.id, (HOUR, 2 * HOUR))
    spans = await sql(
        db, "SELECT amount, compare_at, isfinite(since), isfinite(until) FROM product_price ORDER BY since"
    )
    assert spans == [(FULL, None, False, True), (REDUCED, FULL, True, True), (FULL, None, True, False)]


async def test_a_product_costs_what_its_cheapest_variant_does_at_each_time(db: Database) -> None:
    variant = await shirt(db)
    async with db.begin() as session:
        small = Variant(title="Shirt", options=["S"], product_id=variant.product_id)
        small.prices = [OfferPrice(currency="EUR", amount=2200)]
        session.add(small)
    assert await sql(db, KEPT) == [(2200, FULL, None)]
    await reduce(db, variant.id, (-HOUR, 2 * HOUR))
    await reduce(db, small.id, (HOUR, 3 * HOUR), amount=1000)
    assert await sql(db, KEPT) == [(REDUCED, 2200, FULL)]
    lowest = [row.amount for row in await sql(db, "SELECT amount FROM product_price ORDER BY since")]
    assert lowest == [2200, REDUCED, 1000, 1000, 2200]


@pytest.mark.parametrize("amount", [FULL, FULL + 100])
async def test_it_never_makes_anything_dearer(amount: int, customer: Customer, db: Database) -> None:
    variant = await shirt(db)
    await reduce(db, variant.id, (None, None), amount=amount)
    (product,) = await sql(db, "SELECT slug FROM product")
    (shown,) = (await customer.client.get(f"/api/v1/products/{product.slug}")).json()["variants"]
    assert (shown["price"], shown["compare_at"]) == (FULL, None)
    assert (await customer.order_at_once(variant.id))["total"] == FULL
    assert await sql(db, KEPT) == [(FULL, FULL, None)]


async def test_what_fans_may_give_at_least_is_no_more_than_it_costs(customer: Customer, db: Database) -> None:
    variant = await shirt(db, minimum=2000)
    await reduce(db, variant.id, (None, HOUR), amount=1500)
    product = await sql(db, "SELECT slug FROM product")
    (shown,) = (await customer.client.get(f"/api/v1/products/{product[0].slug}")).json()["variants"]
    assert (shown["price"], shown["minimum"]) == (1500, 1500)


async def test_lists_by_price_go_by_the_price_of_now(customer: Customer, db: Database) -> None:
    dear, cheap = await shirt(db), await shirt(db)
    await sql(db, "UPDATE product SET title = 'Dear' WHERE id = :id", id=dear.product_id)
    await reduce(db, dear.id, (HOUR, None), amount=100)
    await reduce(db, cheap.id, (None, HOUR), amount=2000)
    for query, titles in (
        ("sort=price", ["Shirt", "Dear"]),
        ("price_max=2100", ["Shirt"]),
        ("price_min=2100", ["Dear"]),
    ):
        items = (await customer.client.get(f"/api/v1/products?{query}")).json()["items"]
        assert [each["title"] for each in items] == titles, query


async def test_tickets_cost_less_for_a_time_too(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        tickets = await make_tickets(session, 10, price=FULL)
    await reduce(db, tickets.id, (None, HOUR))
    (concert,) = (await customer.client.get("/api/v1/concerts")).json()["items"]
    (shown,) = (await customer.client.get(f"/api/v1/concerts/{concert['slug']}")).json()["ticket_types"]
    assert shown["price"] == REDUCED
    assert "€19.00" in (await customer.client.get("/")).text
    assert (await customer.order_at_once(tickets.id))["total"] == REDUCED
