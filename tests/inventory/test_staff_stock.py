"""Pools and their stock as staff keep them, over HTTP."""

from typing import Any

import pytest

from apps.core.db.database import Database
from tests.factories import make_hall, make_shirt
from tests.journeys.customer import Customer, sql
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pool(staff_api: StaffApi) -> dict[str, Any]:
    return await staff_api.add("/pools", {"name": "Shirts L", "capacity": 10})


def path(pool: dict[str, Any]) -> str:
    return f"/pools/{pool['id']}"


class TestPools:
    async def test_open_with_a_movement(self, staff_api: StaffApi, pool: dict[str, Any]) -> None:
        assert (pool["capacity"], pool["reserved"], pool["left"]) == (10, 0, 10)
        (movement,) = (await staff_api.get(f"{path(pool)}/movements"))["items"]
        assert (movement["delta"], movement["reason"]) == (10, "received")
        assert movement["actor"].startswith("user:")

    async def test_a_sale_does_not_make_a_rename_stale(
        self, staff_api: StaffApi, pool: dict[str, Any], db: Database
    ) -> None:
        tag = (await staff_api.ask("GET", path(pool))).headers["etag"]
        await sql(db, "UPDATE pool SET reserved = 4")
        renamed = await staff_api.change(path(pool), {"name": "Shirts XL"}, tag=tag)
        assert (renamed["name"], renamed["left"]) == ("Shirts XL", 6)
        await staff_api.change(path(pool), {"name": "Caps"}, tag=tag, status=412)

    async def test_capacity_is_not_typed_over(self, staff_api: StaffApi, pool: dict[str, Any]) -> None:
        refused = await staff_api.change(path(pool), {"name": "Shirts", "capacity": 99}, status=422)
        assert refused["errors"][0]["field"] == "capacity"

    async def test_one_that_a_product_off_sale_takes_from_stays(self, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        await sql(db, "UPDATE offer SET active = false")
        pool = (await staff_api.get("/pools"))["items"][0]
        await staff_api.do(f"/products/{shirt.product_id}", "archive")
        assert (await staff_api.do(path(pool), "archive", status=409))["offer"] == str(shirt.id)

    async def test_nothing_comes_out_of_the_archive_without_its_pools(self, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            tickets, other = await make_hall(session, places=4)
        pools = (await staff_api.get("/pools"))["items"]
        await sql(db, "UPDATE concert SET state = 'announced'")
        for ticket_type in (tickets, other):
            await staff_api.do(f"/ticket-types/{ticket_type.id}", "archive")
        for pool in pools:
            await staff_api.do(path(pool), "archive")
        refused = await staff_api.do(f"/ticket-types/{other.id}", "restore", status=409)
        assert refused["type"] == "urn:backline:problem:pool-archived"
        assert sorted(refused["pools"]) == sorted(pool["id"] for pool in pools)
        for pool in pools:
            await staff_api.do(path(pool), "restore")
        assert (await staff_api.do(f"/ticket-types/{other.id}", "restore"))["archived_at"] is None

    async def test_one_that_something_in_use_takes_from_stays(self, staff_api: StaffApi, db: Database) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session)
        pool = (await staff_api.get("/pools"))["items"][0]
        refused = await staff_api.do(path(pool), "archive", status=409)
        assert (refused["type"], refused["offer"]) == ("urn:backline:problem:pool-in-use", str(shirt.id))
        await staff_api.do(f"/variants/{shirt.id}", "archive")
        assert (await staff_api.do(path(pool), "archive"))["archived_at"]
        assert (await staff_api.get("/pools"))["items"] == []
        assert (await staff_api.do(path(pool), "restore"))["archived_at"] is None

    async def test_are_found_by_a_part_of_their_name(self, staff_api: StaffApi, pool: dict[str, Any]) -> None:
        await staff_api.add("/pools", {"name": "100% Käpt'n_caps"})
        for words, names in {
            "kapt": ["100% Käpt'n_caps"],
            "0%": ["100% Käpt'n_caps"],
            "s l": ["Shirts L"],
            "%": ["100% Käpt'n_caps"],
        }.items():
            found = await staff_api.ask("GET", f"/pools?q={words.replace('%', '%25')}")
            assert [each["name"] for each in found.json()["items"]] == names


class TestMovements:
    async def test_are_counted_once_per_key(self, staff_api: StaffApi, pool: dict[str, Any]) -> None:
        body = {"delta": 5, "reason": "received", "note": "from the printer"}
        for _ in range(2):
            moved = await staff_api.ask(
                "POST",
                f"{path(pool)}/movements",
                status=201,
                json=body,
                headers={"Idempotency-Key": "delivery-of-monday"},
            )
            assert (moved.json()["left"], moved.json()["movement"]["note"]) == (15, "from the printer")
        assert (await staff_api.get(path(pool)))["left"] == 15

    async def test_a_count_says_what_is_left(self, staff_api: StaffApi, pool: dict[str, Any], db: Database) -> None:
        await sql(db, "UPDATE pool SET reserved = 4")
        counted = {"counted": 5, "reason": "counted"}
        moved = await staff_api.add(f"{path(pool)}/movements", counted)
        assert (moved["movement"]["delta"], moved["left"]) == (-1, 5)
        assert await staff_api.add(f"{path(pool)}/movements", counted) == {"movement": None, "left": 5}

    async def test_what_is_sold_cannot_go(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session, stock=3)
        await customer.order_at_once(shirt.id, 2)
        pool = (await staff_api.get("/pools"))["items"][0]
        refused = await staff_api.add(f"{path(pool)}/movements", {"delta": -2, "reason": "damaged"}, status=409)
        assert (refused["type"], refused["pools"]) == ("urn:backline:problem:stock-in-use", [pool["id"]])

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"reason": "received"}, "delta"),
            ({"delta": 1, "counted": 1, "reason": "counted"}, "delta"),
            ({"delta": 0, "reason": "received"}, "delta"),
            ({"delta": 1, "reason": "counted"}, "reason"),
            ({"counted": 1, "reason": "received"}, "reason"),
            ({"delta": -1, "reason": "received"}, "delta"),
            ({"delta": -1, "reason": "returned"}, "delta"),
            ({"delta": 1, "reason": "damaged"}, "delta"),
        ],
    )
    async def test_must_be_clear(
        self, staff_api: StaffApi, pool: dict[str, Any], body: dict[str, Any], field: str
    ) -> None:
        refused = await staff_api.add(f"{path(pool)}/movements", body, status=422)
        assert [each["field"] for each in refused["errors"]] == [field]

    async def test_are_listed_the_latest_first(self, staff_api: StaffApi, pool: dict[str, Any]) -> None:
        for delta in (1, 2, 3):
            await staff_api.add(f"{path(pool)}/movements", {"delta": delta, "reason": "received"})
        first = await staff_api.get(f"{path(pool)}/movements?limit=2")
        rest = await staff_api.get(f"{path(pool)}/movements?limit=2&after={first['next']}")
        assert [each["delta"] for each in first["items"] + rest["items"]] == [3, 2, 1, 10]
        assert rest["next"] is None
