"""What integrators filter lists by: what has changed, these very things, tags and vendors."""

from typing import Any

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_concert, make_shirt, make_ticket_type
from tests.journeys.customer import Customer, sql
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
EVERY_WRITE = {
    "product": [
        "UPDATE product SET title = 'Cap' WHERE id = :product",
        "UPDATE offer SET max_per_order = 9 WHERE id = :variant",
        "UPDATE offer_price SET amount = amount + 1 WHERE offer_id = :variant",
        "UPDATE variant SET sku = 'X' WHERE offer_id = :variant",
        "INSERT INTO product_image (id, product_id, source_url) VALUES (gen_random_uuid(), :product, '/static/x')",
        "DELETE FROM offer_pool WHERE offer_id = :variant",
    ],
    "concert": [
        "UPDATE concert SET title = 'Later' WHERE id = :concert",
        "UPDATE offer_price SET amount = amount + 1 WHERE offer_id = :ticket_type",
        "UPDATE ticket_type SET name = 'Seat' WHERE offer_id = :ticket_type",
    ],
}


async def now(db: Database) -> str:
    ((moment,),) = await sql(db, "SELECT clock_timestamp()")
    return str(moment.isoformat())


async def found(staff_api: StaffApi, path: str, **query: Any) -> list[str]:
    answer = await staff_api.client.get(f"/api/v1/staff{path}", params=query, headers=staff_api.headers)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


@pytest.mark.parametrize(("kind", "write"), [(kind, write) for kind, all in EVERY_WRITE.items() for write in all])
async def test_whatever_changes_a_part_changes_the_whole(
    staff_api: StaffApi, db: Database, kind: str, write: str
) -> None:
    async with db.begin() as session:
        shirt, concert = await make_shirt(session), await make_concert(session)
        type = await make_ticket_type(session, {}, concert=concert)
        await make_shirt(session)
        await make_concert(session)
    ids = {"product": shirt.product_id, "variant": shirt.id, "concert": concert.id, "ticket_type": type.id}
    before = await now(db)
    await sql(db, write, **{name: id for name, id in ids.items() if f":{name}" in write})
    assert await found(staff_api, f"/{kind}s", updated_after=before) == [str(ids[kind])]
    assert await found(staff_api, f"/{kind}s", updated_after=await now(db)) == []


async def test_orders_change_with_their_state_and_their_parcels(
    customer: Customer, staff_api: StaffApi, db: Database
) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    first, second = await customer.order_at_once(shirt.id), await customer.order_at_once(shirt.id)
    begun = await now(db)
    await customer.pay(first)
    (order,) = await found(staff_api, "/orders", updated_after=begun)
    paid = await now(db)
    await staff_api.ask("POST", f"/orders/{first['number']}/parcels", json={"state": "picked_up"})
    assert await found(staff_api, "/orders", updated_after=paid) == [order]
    assert await found(staff_api, "/orders", updated_after=await now(db)) == []
    assert len(await found(staff_api, "/orders", ids=order)) == 1
    assert second["number"] != first["number"]


async def test_changes_are_paged_in_their_order(staff_api: StaffApi, db: Database) -> None:
    async with db.begin() as session:
        products = [(await make_shirt(session)).product_id for _ in range(3)]
    before = await now(db)
    for id in (products[2], products[0], products[1]):
        await sql(db, "UPDATE product SET title = 'Cap' WHERE id = :id", id=id)
    seen, after = [], ""
    while after is not None:
        query = {"updated_after": before, "limit": 1, "after": after}
        page = (await staff_api.client.get("/api/v1/staff/products", params=query, headers=staff_api.headers)).json()
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
    assert seen == [str(products[n]) for n in (2, 0, 1)]


async def test_these_very_ones(staff_api: StaffApi, db: Database, client: httpx.AsyncClient) -> None:
    async with db.begin() as session:
        products = [str((await make_shirt(session)).product_id) for _ in range(3)]
        concerts = [str((await make_concert(session)).id) for _ in range(3)]
    assert set(await found(staff_api, "/products", ids=",".join(products[:2]))) == set(products[:2])
    assert set(await found(staff_api, "/concerts", ids=",".join(concerts[1:]))) == set(concerts[1:])
    for query in ({}, {"sort": "price"}, {"q": "shirt"}, {"in_stock": "true"}):
        page = await client.get("/api/v1/products", params={"ids": ",".join(products[:2]), **query})
        assert {each["id"] for each in page.json()["items"]} == set(products[:2]), query
    too_many = ",".join(products[:1] * 101)
    for wrong in ("x", products[0] + ",", too_many):
        answer = await client.get("/api/v1/products", params={"ids": wrong})
        assert [each["field"] for each in answer.json()["errors"]] == ["ids"], wrong


async def test_by_tag_and_vendor(staff_api: StaffApi, db: Database, client: httpx.AsyncClient) -> None:
    async with db.begin() as session:
        cap, mug = (await make_shirt(session)).product, (await make_shirt(session)).product
        cap.tags, cap.vendor = ["Summer", "head"], "The Gulls"
        mug.tags, mug.vendor = ["Summery"], "The Gulls & Co"
    for query in ({"tag": "Summer"}, {"vendor": "The Gulls"}, {"tag": "head", "vendor": "The Gulls"}):
        assert await found(staff_api, "/products", **query) == [str(cap.id)], query
        for more in ({}, {"sort": "price"}, {"sort": "newest"}, {"q": "shirt"}):
            page = await client.get("/api/v1/products", params={**query, **more})
            assert [each["id"] for each in page.json()["items"]] == [str(cap.id)], (query, more)
    assert await found(staff_api, "/products", tag="summer") == []
