"""Categories and products as staff write them down, over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from apps.core.db.database import Database
from apps.shop.imports.importing import import_products
from apps.shop.imports.shopify import read_products
from tests.journeys.customer import Customer, sql
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
HOODIE = {
    "title": "Wake hoodie",
    "description": "<p>Warm</p><script>alert(1)</script>",
    "option_names": ["Size"],
    "published": True,
    "images": [{"url": "/static/demo/wake-hoodie.svg", "alt": "A hoodie"}, {"url": "https://img.example/back.jpg"}],
    "translations": {"ru": {"title": "Худи"}},
}
LARGE = {"options": ["L"], "prices": {"EUR": {"amount": 4500}}, "stock": 3}


def editable(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name not in ("id", "created_at", "archived_at")}


@pytest.fixture
async def hoodie(staff_api: StaffApi) -> dict[str, Any]:
    """Published, with one variant."""
    product = await staff_api.add("/products", HOODIE)
    await staff_api.add(f"/products/{product['id']}/variants", LARGE)
    return product


async def audit_entries(db: Database) -> list[str]:
    return [row.action for row in await sql(db, "SELECT action FROM audit_entry ORDER BY created_at, id")]


class TestCategories:
    async def test_are_added_changed_and_archived(
        self, staff_api: StaffApi, client: httpx.AsyncClient, db: Database
    ) -> None:
        caps = await staff_api.add("/categories", {"title": "Caps & hats", "position": 3})
        assert caps["slug"] == "caps-hats"
        path = f"/categories/{caps['id']}"
        changed = await staff_api.change(path, {"title": "Caps", "translations": {"ru": {"title": "Кепки"}}})
        assert (changed["title"], changed["slug"], changed["position"]) == ("Caps", "caps-hats", 0)
        russian = await client.get("/api/v1/categories", headers={"Accept-Language": "ru"})
        assert [item["title"] for item in russian.json()["items"]] == ["Кепки"]
        assert (await staff_api.do(path, "archive"))["archived_at"]
        assert (await client.get("/api/v1/categories")).json()["items"] == []
        assert (await staff_api.get("/categories?archived=true"))["items"][0]["id"] == caps["id"]
        await staff_api.change(path, {"title": "Hats"}, status=409)
        await staff_api.do(path, "restore")
        assert await audit_entries(db) == [
            "shop.add_category",
            "shop.change_category",
            "shop.archive_category",
            "shop.restore_category",
        ]

    async def test_a_slug_belongs_to_one(self, staff_api: StaffApi) -> None:
        await staff_api.add("/categories", {"title": "Caps"})
        refused = await staff_api.add("/categories", {"title": "Hats", "slug": "caps"}, status=409)
        assert refused["type"] == "urn:backline:problem:slug-taken"


class TestProducts:
    async def test_are_shown_to_fans_as_written(self, client: httpx.AsyncClient, hoodie: dict[str, Any]) -> None:
        shown = (await client.get("/api/v1/products/wake-hoodie")).json()
        assert (shown["title"], shown["description"]) == ("Wake hoodie", "<p>Warm</p>")
        assert [image["url"] for image in shown["images"]] == [image["url"] for image in hoodie["images"]]
        assert shown["variants"][0]["left"] == 3

    async def test_what_is_shown_can_be_sent_back(
        self, staff_api: StaffApi, db: Database, hoodie: dict[str, Any]
    ) -> None:
        path = f"/products/{hoodie['id']}"
        before = await audit_entries(db)
        assert await staff_api.change(path, editable(hoodie)) == hoodie
        assert await audit_entries(db) == before

    async def test_one_key_adds_one_product(self, staff_api: StaffApi) -> None:
        key = {"Idempotency-Key": "hoodie-of-this-winter"}
        first = await staff_api.ask("POST", "/products", status=201, json=HOODIE, headers=key)
        again = await staff_api.ask("POST", "/products", status=201, json=HOODIE, headers=key)
        assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
        assert len((await staff_api.get("/products"))["items"]) == 1

    async def test_of_many_who_want_a_slug_at_once_one_has_it(
        self, staff_api: StaffApi, client: httpx.AsyncClient
    ) -> None:
        body = HOODIE | {"slug": "hoodie"}
        wants = (client.post("/api/v1/staff/products", json=body, headers=staff_api.headers) for _ in range(5))
        answers = await asyncio.gather(*wants)
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]

    async def test_a_change_names_the_version_it_was_made_from(
        self, staff_api: StaffApi, hoodie: dict[str, Any]
    ) -> None:
        path = f"/products/{hoodie['id']}"
        tag = (await staff_api.ask("GET", path)).headers["etag"]
        await staff_api.ask("PUT", path, status=428, json=HOODIE)
        await staff_api.change(path, HOODIE | {"vendor": "Us"}, tag=tag)
        await staff_api.change(path, HOODIE | {"vendor": "Them"}, tag=tag, status=412)

    async def test_variants_are_called_as_the_product_says(
        self, staff_api: StaffApi, customer: Customer, hoodie: dict[str, Any]
    ) -> None:
        path = f"/products/{hoodie['id']}"
        (variant,) = (await staff_api.get(f"{path}/variants"))["items"]
        order = await customer.order_at_once(variant["id"])
        await staff_api.change(path, HOODIE | {"title": "Harbour hoodie"})
        assert (await staff_api.get(f"{path}/variants"))["items"][0]["title"] == "Harbour hoodie · L"
        assert (await customer.order(order))["lines"][0]["title"] == "Wake hoodie · L"

    @pytest.mark.parametrize("how", ["draft", "archive"])
    async def test_what_is_unpublished_or_archived_cannot_be_bought(
        self, staff_api: StaffApi, client: httpx.AsyncClient, customer: Customer, hoodie: dict[str, Any], how: str
    ) -> None:
        path = f"/products/{hoodie['id']}"
        (variant,) = (await staff_api.get(f"{path}/variants"))["items"]
        if how == "draft":
            await staff_api.change(path, HOODIE | {"published": False})
        else:
            await staff_api.do(path, "archive")
        assert (await client.get("/api/v1/products/wake-hoodie")).status_code == 404
        assert (await client.get("/api/v1/products?sort=price")).json()["items"] == []
        await customer.add(variant["id"], status=409)
        if how == "archive":
            await staff_api.do(path, "restore")
            await customer.add(variant["id"])

    async def test_a_draft_may_have_the_time_when_it_is_published(
        self, staff_api: StaffApi, hoodie: dict[str, Any]
    ) -> None:
        path, when = f"/products/{hoodie['id']}", "2099-05-01T12:00:00+02:00"
        planned = await staff_api.change(path, HOODIE | {"published": False, "publish_at": when})
        assert planned["publish_at"] == "2099-05-01T10:00:00Z"
        refused = await staff_api.change(path, HOODIE | {"publish_at": when}, status=422)
        assert [error["field"] for error in refused["errors"]] == ["publish_at"]

    async def test_pictures_keep_their_order(self, staff_api: StaffApi, hoodie: dict[str, Any]) -> None:
        path = f"/products/{hoodie['id']}"
        turned = list(reversed(hoodie["images"]))
        assert (await staff_api.change(path, HOODIE | {"images": turned}))["images"] == turned
        twice = [hoodie["images"][0]] * 2
        refused = await staff_api.change(path, HOODIE | {"images": twice}, status=422)
        assert refused["errors"][0]["field"] == "images[1].url"

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x/y", "/etc/passwd", "https://", "/static/a b", ""])
    async def test_pictures_are_of_the_web_or_ours(self, staff_api: StaffApi, url: str) -> None:
        await staff_api.add("/products", HOODIE | {"images": [{"url": url}]}, status=422)

    async def test_the_number_of_options_stays_while_there_are_variants(
        self, staff_api: StaffApi, hoodie: dict[str, Any]
    ) -> None:
        path = f"/products/{hoodie['id']}"
        await staff_api.change(path, HOODIE | {"option_names": ["Cut"]})
        refused = await staff_api.change(path, HOODIE | {"option_names": []}, status=409)
        assert refused["type"] == "urn:backline:problem:options-in-use"

    async def test_a_category_that_is_not_there_is_refused(self, staff_api: StaffApi, hoodie: dict[str, Any]) -> None:
        caps = await staff_api.add("/categories", {"title": "Caps"})
        path = f"/products/{hoodie['id']}"
        await staff_api.change(path, HOODIE | {"category": caps["id"]})
        await staff_api.do(f"/categories/{caps['id']}", "archive")
        await staff_api.change(path, HOODIE | {"category": caps["id"], "vendor": "still there"})
        await staff_api.add("/products", HOODIE | {"slug": "other", "category": caps["id"]}, status=422)

    async def test_the_list_is_filtered_and_paged(self, staff_api: StaffApi, hoodie: dict[str, Any]) -> None:
        for number in range(3):
            await staff_api.add("/products", {"title": f"Draft {number}"})
        assert [each["title"] for each in (await staff_api.get("/products?published=true"))["items"]] == ["Wake hoodie"]
        assert len((await staff_api.get("/products?q=draft"))["items"]) == 3
        page = await staff_api.get("/products?limit=3")
        assert (await staff_api.get(f"/products?limit=3&after={page['next']}"))["items"][0]["variants"] == 1


class TestPermissions:
    @pytest.mark.parametrize(("role", "read", "write"), [("moderator", 200, 403), ("customer", 403, 403)])
    async def test_decide_who_may(
        self, client: httpx.AsyncClient, db: Database, role: str, read: int, write: int
    ) -> None:
        staff_api = StaffApi(client, await signed_in_as(db, role))
        await staff_api.ask("GET", "/products", status=read)
        await staff_api.ask("POST", "/products", status=write, json=HOODIE)
        await staff_api.ask("GET", "/pools", status=read)
        await staff_api.ask("POST", "/pools", status=write, json={"name": "x"})
        assert (await client.get("/api/v1/staff/products")).status_code == 401


class TestBesideAnImport:
    async def test_neither_stands_in_the_others_way(
        self, staff_api: StaffApi, client: httpx.AsyncClient, db: Database
    ) -> None:
        header = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Published"
        shirts = [{"title": f"Shirt {n}", "option_names": ["Size"]} for n in range(6)]
        ids = [(await staff_api.add("/products", shirt))["id"] for shirt in shirts]
        for price in range(1, 5):
            lines = "\n".join(f"shirt-{n},Shirt {n},Size,L,{price},{price % 2 == 0}" for n in range(6))
            reading = read_products(f"{header}\n{lines}".encode(), currency="EUR")
            staff = (
                client.put(
                    f"/api/v1/staff/products/{id}",
                    json={"title": f"Tee {price}", "option_names": ["Size"], "published": price % 2 == 1},
                    headers=staff_api.headers | {"If-Match": "*"},
                )
                for id in reversed(ids)
            )
            done = await asyncio.gather(import_products(db, reading, currency="EUR"), *staff)
            assert [answer.status_code for answer in done[1:]] == [200] * 6
        offers = "offer JOIN variant ON offer_id = offer.id JOIN product ON product.id = product_id"
        assert await sql(db, f"SELECT 1 FROM {offers} WHERE active <> published") == []
