"""The demo band: what a first look must find, and that loading it again changes nothing."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from apps.core.db.database import Database
from project.demo.load import end_past_sales, load_demo, sold_tickets
from project.demo.sales import place_orders
from project.demo.start import make_past
from project.settings import ROOT
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import clerk, manager, server
from tests.kernel.books import mistakes

__all__ = ["clerk", "manager", "server"]
pytestmark = pytest.mark.anyio

PLACES = """
    SELECT concert.external_id, ticket_type.name, pool.name, pool.capacity, offer_pool.units
    FROM concert JOIN ticket_type ON concert_id = concert.id
    JOIN offer_pool USING (offer_id) JOIN pool ON pool_id = pool.id
"""
PARCELS = ("cancelled", "delivered", "packed", "shipped", "unfulfilled", "waiting_for_pickup")


async def rows(db: Database, query: str) -> list[Any]:
    async with db.reads() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


@pytest.fixture
async def loaded(db: Database) -> Database:
    await load_demo(db, report=lambda line: None)
    return db


class TestDemo:
    async def test_one_concert_is_past_and_the_others_come(self, loaded: Database) -> None:
        away = [away for (away,) in await rows(loaded, "SELECT starts_at - clock_timestamp() FROM concert ORDER BY 1")]
        assert timedelta(days=-24) < away[0] < timedelta(days=-14)
        assert timedelta(days=3) < away[1] < away[-1] < timedelta(days=125)
        assert await rows(loaded, "SELECT DISTINCT state FROM concert") == [("on_sale",)]

    async def test_those_to_come_are_one_tour(self, loaded: Database) -> None:
        found = await rows(loaded, "SELECT DISTINCT tour.slug FROM concert JOIN tour ON tour.id = tour_id")
        assert found == [("night-crossing",)]
        assert await rows(loaded, "SELECT count(*) FROM concert WHERE tour_id IS NULL") == [(1,)]

    async def test_what_is_to_be_sold_fits(self, loaded: Database) -> None:
        taken: Counter[str] = Counter()
        capacity: dict[str, int] = {}
        for concert, ticket_type, pool, places, units in await rows(loaded, PLACES):
            taken[pool] += units * sold_tickets()[concert][ticket_type]
            capacity[pool] = places
        left = {pool: capacity[pool] - taken[pool] for pool in capacity}
        assert min(left.values()) == left["The Slow Ferries in Copenhagen: hall"] == 0
        assert left["The Slow Ferries in Hamburg: hall"] == 6

    async def test_every_product_has_its_picture(self, loaded: Database) -> None:
        pictures = await rows(loaded, "SELECT source_url FROM product_image")
        assert len(pictures) >= 12
        for (url,) in pictures:
            assert (ROOT / "project" / url.lstrip("/")).is_file(), url

    async def test_all_that_is_sold_has_russian_texts(self, loaded: Database) -> None:
        for table in ("category", "product", "concert", "tour", "offer"):
            assert await rows(loaded, f"SELECT title FROM {table} WHERE translations #>> '{{ru,title}}' IS NULL") == []
        options = "SELECT translations #> '{ru,options}' FROM product WHERE slug = 'signal-cap'"
        assert await rows(loaded, options) == [({"Color": "Цвет", "Coral": "Коралловый", "Navy": "Тёмно-синий"},)]
        titles = await rows(loaded, "SELECT translations #>> '{ru,title}' FROM offer WHERE kind = 'ticket'")
        assert ("The Slow Ferries в Генте · Танцпол",) in titles
        titles = await rows(loaded, "SELECT translations #>> '{ru,title}' FROM offer WHERE kind = 'merch'")
        assert {("Худи «Кильватер» · L / Серый",), ("Постер «Ночное расписание» · 40 × 60 см",)} <= set(titles)

    async def test_some_things_are_scarce_and_some_are_not_counted(self, loaded: Database) -> None:
        stock = await rows(
            loaded, "SELECT capacity FROM variant LEFT JOIN offer_pool USING (offer_id) LEFT JOIN pool ON pool_id = id"
        )
        assert {(0,), (3,), (None,)} <= set(stock)

    async def test_loading_again_changes_nothing(self, loaded: Database) -> None:
        tables = ("product", "offer", "pool", "stock_movement", "concert", "ticket_type", "audit_entry")
        before = [await rows(loaded, f"SELECT xmin::text, * FROM {table} ORDER BY 1, 2") for table in tables]
        await load_demo(loaded, report=pytest.fail)
        assert [await rows(loaded, f"SELECT xmin::text, * FROM {table} ORDER BY 1, 2") for table in tables] == before

    async def test_nothing_is_sold_for_the_past(self, loaded: Database) -> None:
        await end_past_sales(loaded)
        query = (
            "SELECT count(*) FROM concert JOIN ticket_type ON concert_id = concert.id JOIN offer ON offer_id = offer.id"
        )
        assert await rows(loaded, f"{query} WHERE sale_until IS DISTINCT FROM starts_at") == [(0,)]


@pytest.fixture
async def sold(loaded: Database) -> Database:
    """By a first start that was cut short with jobs in hand, and the next."""
    await place_orders(loaded)
    async with loaded.begin() as session:
        await session.execute(text("UPDATE pgqueuer SET status = 'picked', heartbeat = now() WHERE id % 2 = 0"))
    assert await make_past(loaded)
    return loaded


class TestSales:
    """One story, because making it takes seconds."""

    async def test_a_managers_first_look_has_something_to_say(self, sold: Database, manager: Clerk) -> None:
        assert await mistakes(sold, done=True) == []
        await self.orders_are_from_many_days(sold)
        await self.lists_know_the_days(sold, manager)
        assert await rows(sold, "SELECT DISTINCT state FROM shipment ORDER BY state") == [(each,) for each in PARCELS]
        states = await rows(sold, "SELECT state, count(*) FROM payment WHERE state <> 'confirmed' GROUP BY 1")
        assert states == [("failed", 1)]
        assert await rows(sold, "SELECT refunded, total > refunded FROM orders WHERE refunded > 0") == [(2800, True)]
        assert await self.sold_out(sold) == [("harbour-patches",)]
        assert not await make_past(sold)

    async def orders_are_from_many_days(self, db: Database) -> None:
        days = "SELECT count(DISTINCT paid_at::date) FROM orders WHERE paid_at > now() - interval '28 days'"
        assert (await rows(db, days))[0][0] > 20
        assert await rows(db, "SELECT 1 FROM orders WHERE created_at > now() OR paid_at < created_at") == []
        late = """
            SELECT 1 FROM orders JOIN ticket ON order_id = orders.id JOIN concert ON concert_id = concert.id
            WHERE paid_at >= starts_at
        """
        assert await rows(db, late) == []

    async def lists_know_the_days(self, db: Database, manager: Clerk) -> None:
        """They go by ids, which are to be as old as their rows."""
        for table in ("orders", "payment", "audit_entry"):
            wrong = "created_at - uuid_extract_timestamp(id) NOT BETWEEN '-1 s' AND '1 minute'"
            assert await rows(db, f"SELECT id, created_at FROM {table} WHERE {wrong}") == []
            assert (await rows(db, f"SELECT count(*) FROM {table}"))[0][0] > 20
        ((number, day),) = await rows(db, "SELECT number, created_at::date + 1 FROM orders ORDER BY 2 LIMIT 1")
        assert number in (await manager.visit(f"/admin/order/list?placed_to={day}")).text

    async def sold_out(self, db: Database) -> list[Any]:
        return await rows(
            db,
            """SELECT slug FROM product JOIN variant ON product_id = product.id JOIN offer_pool USING (offer_id)
               JOIN pool ON pool_id = pool.id GROUP BY slug HAVING max(capacity - reserved) = 0""",
        )
