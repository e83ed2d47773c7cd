"""Many products with their variants in one request, each row answered by itself."""

from typing import Any

import pytest

from apps.accounts.models import Role
from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.queries import counting
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
PATH = "/products/batch"


def shirt(title: str, *sizes: str, **facts: Any) -> dict[str, Any]:
    variants = [{"options": [size], "price": 2500, "stock": 5, "sku": f"{title}-{size}"} for size in sizes]
    return {"title": title, "option_names": ["Size"], "published": True, "variants": variants, **facts}


async def send(staff_api: StaffApi, *rows: dict[str, Any], key: str = "a-batch-of-products", status: int = 207) -> Any:
    answer = await staff_api.ask("POST", PATH, status=status, json={"products": rows}, headers={"Idempotency-Key": key})
    return answer.json()["products"] if status == 207 else answer.json()


async def test_each_row_is_taken_or_refused_by_itself(staff_api: StaffApi) -> None:
    taken = await staff_api.add("/products", {"title": "Cap", "slug": "cap"})
    rows = await send(
        staff_api,
        shirt("Tee", "S", "M"),
        shirt("Wrong", "S", "S"),
        shirt("Other cap", "S", slug="cap"),
        shirt("Hoodie", "L"),
        shirt("Nothing", id="0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60", version='"x"'),
        shirt("No version", id=taken["id"]),
    )
    assert [row["status"] for row in rows] == [201, 422, 409, 201, 404, 428]
    problems = [(row["problem"] or {}).get("type", "").rpartition(":")[2] for row in rows]
    assert problems == ["", "invalid", "slug-taken", "", "not-found", "version-missing"]
    assert {each["field"] for each in rows[1]["problem"]["errors"]} == {"variants[0].options", "variants[1].options"}
    titles = [each["title"] for each in (await staff_api.get("/products"))["items"]]
    assert titles == ["Hoodie", "Tee", "Cap"]
    sheet = await staff_api.get(f"/products/{rows[0]['id']}/sheet")
    assert [(each["options"], each["active"]) for each in sheet["variants"]] == [(["S"], True), (["M"], True)]


async def test_a_change_is_of_a_version_and_names_the_next(staff_api: StaffApi) -> None:
    (made,) = await send(staff_api, shirt("Tee", "S", "M"))
    answer = await staff_api.ask("GET", f"/products/{made['id']}/sheet")
    assert answer.headers["etag"].replace("-gzip", "") == made["version"]
    variant = answer.json()["variants"][0]
    change = shirt("Tee 2", id=made["id"], version=answer.headers["etag"], slug="tee")
    change["variants"] = [{"id": variant["id"], "options": ["S"], "price": 2000, "compare_at": 2500, "sku": "T-S"}]
    (changed,) = await send(staff_api, change, key="a-change-of-products")
    assert (changed["status"], changed["version"] != made["version"]) == (200, True)
    sheet = await staff_api.get(f"/products/{made['id']}/sheet")
    assert [each["prices"]["EUR"]["amount"] for each in sheet["variants"]] == [2000, 2500]
    assert sheet["variants"][0]["title"] == "Tee 2 · S"
    (stale,) = await send(staff_api, change, key="a-change-that-is-late")
    assert (stale["status"], stale["version"]) == (412, None)


async def test_repeated_with_its_key_it_is_done_once(staff_api: StaffApi, db: Database) -> None:
    first = await send(staff_api, shirt("Tee", "S"), shirt("Wrong", "S", "S"))
    assert await send(staff_api, shirt("Tee", "S"), shirt("Wrong", "S", "S")) == first
    assert len(await sql(db, "SELECT 1 FROM product")) == 1
    reused = await send(staff_api, shirt("Cap", "S"), status=422)
    assert reused["type"].endswith("idempotency-key-reused")
    await staff_api.ask("POST", PATH, status=422, json={"products": [shirt("Tee", "S")]})


async def test_what_is_no_list_of_products_is_refused_as_a_whole(staff_api: StaffApi, db: Database) -> None:
    (made,) = await send(staff_api, shirt("Tee", "S"))
    row = shirt("Tee", id=made["id"], version=made["version"])
    twice = await send(staff_api, row, row, status=422, key="the-same-one-twice")
    assert [each["field"] for each in twice["errors"]] == ["products[0].id", "products[1].id"]
    await send(staff_api, *[shirt(f"Tee {n}") for n in range(51)], status=422, key="too-many-products")
    await send(staff_api, status=422, key="no-products-at-all")
    unknown = await send(staff_api, {"name": "Tee"}, status=422, key="an-unknown-field")
    assert {each["field"] for each in unknown["errors"]} == {"products[0].title", "products[0].name"}
    assert len(await sql(db, "SELECT 1 FROM product")) == 1


async def test_a_row_takes_as_many_statements_with_many_variants_as_with_one(staff_api: StaffApi) -> None:
    async def statements(key: str, *rows: dict[str, Any]) -> int:
        with counting() as sent:
            answers = await send(staff_api, *rows, key=key)
        assert {row["status"] for row in answers} == {201}
        return len(sent)

    sizes = [str(size) for size in range(20)]
    one = await statements("one-with-one-variant", shirt("A", "S"))
    many = await statements("one-with-many-variants", shirt("B", *sizes))
    ten = await statements("ten-with-many-variants", *(shirt(f"C {n}", *sizes) for n in range(10)))
    assert many == one
    assert ten <= 10 * one


async def test_who_may_not_archive_cannot_do_it_by_a_row(staff_api: StaffApi, db: Database) -> None:
    (tee,) = await send(staff_api, shirt("Tee", "S"))
    sheet = await staff_api.ask("GET", f"/products/{tee['id']}/sheet")
    product = sheet.json()
    row = shirt("Tee", id=tee["id"], version=sheet.headers["etag"], slug=product["slug"])
    row["variants"] = [{"id": product["variants"][0]["id"], "options": ["S"], "price": 2500, "archived": True}]
    async with db.begin() as session:
        session.add(Role(name="editor", title="Editor", permissions=["products.view", "products.edit"]))
    staff_api.headers = await signed_in_as(db, "editor")
    refused = await send(staff_api, row, key="another-batch-of-products", status=403)
    assert refused["permission"] == "products.archive"
    assert await sql(db, "SELECT archived_at FROM offer") == [(None,)]
    row["variants"][0].pop("archived")
    assert [each["status"] for each in await send(staff_api, row, key="a-third-batch-of-products")] == [200]
