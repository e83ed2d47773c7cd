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
from tests.staff_api import BERLIN, STAFF, StaffApi

pytestmark = pytest.mark.anyio
SHIRT = {"title": "Shirt", "option_names": ["Size"], "published": True}
PRICES = {"EUR": {"amount": 2500}}


async def test_a_pool_is_archived_or_sold_from_never_both(staff_api: StaffApi) -> None:
    variants = f"{STAFF}/products/{(await staff_api.add('/products', SHIRT))['id']}/variants"
    for number in range(12):
        pool = (await staff_api.add("/pools", {"name": "Shirts", "capacity": 3}))["id"]
        variant = {"options": [str(number)], "prices": PRICES, "allocation": {pool: 1}}
        answers = await asyncio.gather(
            staff_api.client.post(variants, json=variant, headers=staff_api.headers),
            staff_api.client.post(f"{STAFF}/pools/{pool}/archive", headers=staff_api.headers),
        )
        assert [each.status_code for each in answers] in ([201, 409], [422, 200])


async def test_a_pool_that_is_being_archived_gets_no_variant(staff_api: StaffApi, db: Database) -> None:
    shirt, pool = (
        await staff_api.add("/products", SHIRT),
        await staff_api.add("/pools", {"name": "Shirts", "capacity": 3}),
    )
    variant = {"options": ["L"], "prices": PRICES, "allocation": {pool["id"]: 1}}
    async with db.begin() as session:
        await archive_pool(session, await session.get_one(Pool, UUID(pool["id"])), actor="test")
        refused = await refused_while_waiting(staff_api, db, f"/products/{shirt['id']}/variants", variant)
    assert await refused == [f"allocation.{pool['id']}"]


async def test_a_category_that_is_being_archived_gets_no_product(staff_api: StaffApi, db: Database) -> None:
    category = (await staff_api.add("/categories", {"title": "Caps"}))["id"]
    async with db.begin() as session:
        await archive_locked(session, Category, category)
        refused = await refused_while_waiting(staff_api, db, "/products", SHIRT | {"category": category})
    assert await refused == ["category"]


@pytest.mark.parametrize(("field", "kind"), [("venue", Venue), ("tour", Tour)])
async def test_a_place_that_is_being_archived_gets_no_concert(
    staff_api: StaffApi, db: Database, field: str, kind: type[Archivable]
) -> None:
    venue, tour = await staff_api.add("/venues", BERLIN), await staff_api.add("/tours", {"title": "North"})
    concert = {"title": "Live", "venue": venue["id"], "tour": tour["id"], "starts_at": "2099-05-21T18:00:00Z"}
    async with db.begin() as session:
        await archive_locked(session, kind, concert[field])
        refused = await refused_while_waiting(staff_api, db, "/concerts", concert)
    assert await refused == [field]


async def archive_locked(session: AsyncSession, kind: type[Archivable], id: str) -> None:
    row = await session.get_one(kind, UUID(id), with_for_update={"key_share": True})
    await archive(session, row, action="test.archive", actor="test")


async def refused_while_waiting(
    staff_api: StaffApi, db: Database, path: str, body: dict[str, Any]
) -> asyncio.Task[Any]:
    """Asks while a transaction of the test is open; the task's result are the fields that were refused after it."""

    async def fields() -> list[str]:
        return [each["field"] for each in (await staff_api.add(path, body, status=422))["errors"]]

    asking = asyncio.create_task(fields())
    await until(lambda: somebody_waits(db))
    return asking
