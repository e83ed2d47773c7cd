"""What is being archived gets nothing new, whoever comes first."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Tour, Venue
from apps.core.db.archive import archive
from apps.core.db.database import Archivable, Database
from apps.inventory.models import Pool
from apps.orders.offers.pools import archive_pool
from apps.shop.models import Category
from tests.kernel.processes import somebody_waits, until
from tests.office import BERLIN, STAFF, Office

pytestmark = pytest.mark.anyio
SHIRT = {"title": "Shirt", "option_names": ["Size"], "published": True}
PRICES = {"EUR": {"amount": 2500}}


async def test_a_pool_is_archived_or_sold_from_never_both(office: Office) -> None:
    variants = f"{STAFF}/products/{(await office.add('/products', SHIRT))['id']}/variants"
    for number in range(12):
        pool = (await office.add("/pools", {"name": "Shirts", "capacity": 3}))["id"]
        variant = {"options": [str(number)], "prices": PRICES, "allocation": {pool: 1}}
        answers = await asyncio.gather(
            office.client.post(variants, json=variant, headers=office.headers),
            office.client.post(f"{STAFF}/pools/{pool}/archive", headers=office.headers),
        )
        assert [each.status_code for each in answers] in ([201, 409], [422, 200])


async def test_a_pool_that_is_being_archived_gets_no_variant(office: Office, db: Database) -> None:
    shirt, pool = await office.add("/products", SHIRT), await office.add("/pools", {"name": "Shirts", "capacity": 3})
    variant = {"options": ["L"], "prices": PRICES, "allocation": {pool["id"]: 1}}
    async with db.begin() as session:
        await archive_pool(session, await session.get_one(Pool, UUID(pool["id"])), actor="test")
        refused = await refused_while_waiting(office, db, f"/products/{shirt['id']}/variants", variant)
    assert await refused == [f"allocation.{pool['id']}"]


async def test_a_category_that_is_being_archived_gets_no_product(office: Office, db: Database) -> None:
    category = (await office.add("/categories", {"title": "Caps"}))["id"]
    async with db.begin() as session:
        await archive_locked(session, Category, category)
        refused = await refused_while_waiting(office, db, "/products", SHIRT | {"category": category})
    assert await refused == ["category"]


@pytest.mark.parametrize(("field", "kind"), [("venue", Venue), ("tour", Tour)])
async def test_a_place_that_is_being_archived_gets_no_concert(
    office: Office, db: Database, field: str, kind: type[Archivable]
) -> None:
    venue, tour = await office.add("/venues", BERLIN), await office.add("/tours", {"title": "North"})
    concert = {"title": "Live", "venue": venue["id"], "tour": tour["id"], "starts_at": "2099-05-21T18:00:00Z"}
    async with db.begin() as session:
        await archive_locked(session, kind, concert[field])
        refused = await refused_while_waiting(office, db, "/concerts", concert)
    assert await refused == [field]


async def archive_locked(session: AsyncSession, kind: type[Archivable], id: str) -> None:
    row = await session.get_one(kind, UUID(id), with_for_update={"key_share": True})
    await archive(session, row, action="test.archive", actor="test")


async def refused_while_waiting(office: Office, db: Database, path: str, body: dict[str, Any]) -> asyncio.Task[Any]:
    """Asks while a transaction of the test is open; the task's result are the fields that were refused after it."""

    async def fields() -> list[str]:
        return [each["field"] for each in (await office.add(path, body, status=422))["errors"]]

    asking = asyncio.create_task(fields())
    await until(lambda: somebody_waits(db))
    return asking
