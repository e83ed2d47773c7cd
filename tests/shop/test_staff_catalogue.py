"""Categories and products as staff write them down, over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from apps.core.db.database import Database
from apps.shop.imports.importing import import_products
from apps.shop.imports.shopify import read_products
from tests.journeys.buyer import Buyer, sql
from tests.office import Office
from tests.staff import signed_in_as

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
async def hoodie(office: Office) -> dict[str, Any]:
    """On the shelf, with one variant."""
    product = await office.add("/products", HOODIE)
    await office.add(f"/products/{product['id']}/variants", LARGE)
    return product


async def trail(db: Database) -> list[str]:
    return [row.action for row in await sql(db, "SELECT action FROM audit_entry ORDER BY created_at, id")]


class TestCategories:
    async def test_are_added_changed_and_archived(
        self, office: Office, client: httpx.AsyncClient, db: Database
    ) -> None:
        caps = await office.add("/categories", {"title": "Caps & hats", "position": 3})
        assert caps["slug"] == "caps-hats"
        path = f"/categories/{caps['id']}"
        changed = await office.change(path, {"title": "Caps", "translations": {"ru": {"title": "Кепки"}}})
        assert (changed["title"], changed["slug"], changed["position"]) == ("Caps", "caps-hats", 0)
        russian = await client.get("/api/v1/categories", headers={"Accept-Language": "ru"})
        assert [item["title"] for item in russian.json()["items"]] == ["Кепки"]
        assert (await office.do(path, "archive"))["archived_at"]
        assert (await client.get("/api/v1/categories")).json()["items"] == []
        assert (await office.get("/categories?archived=true"))["items"][0]["id"] == caps["id"]
        await office.change(path, {"title": "Hats"}, status=409)
        await office.do(path, "restore")
        assert await trail(db) == [
            "shop.add_category",
            "shop.change_category",
            "shop.archive_category",
            "shop.restore_category",
        ]

    async def test_a_slug_belongs_to_one(self, office: Office) -> None:
        await office.add("/categories", {"title": "Caps"})
        refused = await office.add("/categories", {"title": "Hats", "slug": "caps"}, status=409)
        assert refused["type"] == "urn:backline:problem:slug-taken"


class TestProducts:
    async def test_are_shown_to_fans_as_written(self, client: httpx.AsyncClient, hoodie: dict[str, Any]) -> None:
        shown = (await client.get("/api/v1/products/wake-hoodie")).json()
        assert (shown["title"], shown["description"]) == ("Wake hoodie", "<p>Warm</p>")
        assert [image["url"] for image in shown["images"]] == [image["url"] for image in hoodie["images"]]
        assert shown["variants"][0]["left"] == 3

    async def test_what_is_shown_can_be_sent_back(self, office: Office, db: Database, hoodie: dict[str, Any]) -> None:
        path = f"/products/{hoodie['id']}"
        before = await trail(db)
        assert await office.change(path, editable(hoodie)) == hoodie
        assert await trail(db) == before

    async def test_one_key_adds_one_product(self, office: Office) -> None:
        key = {"Idempotency-Key": "hoodie-of-this-winter"}
        first = await office.ask("POST", "/products", status=201, json=HOODIE, headers=key)
        again = await office.ask("POST", "/products", status=201, json=HOODIE, headers=key)
        assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
        assert len((await office.get("/products"))["items"]) == 1

    async def test_of_many_who_want_a_slug_at_once_one_has_it(self, office: Office, client: httpx.AsyncClient) -> None:
        body = HOODIE | {"slug": "hoodie"}
        wants = (client.post("/api/v1/staff/products", json=body, headers=office.headers) for _ in range(5))
        answers = await asyncio.gather(*wants)
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]

    async def test_a_change_names_the_version_it_was_made_from(self, office: Office, hoodie: dict[str, Any]) -> None:
        path = f"/products/{hoodie['id']}"
        tag = (await office.ask("GET", path)).headers["etag"]
        await office.ask("PUT", path, status=428, json=HOODIE)
        await office.change(path, HOODIE | {"vendor": "Us"}, tag=tag)
        await office.change(path, HOODIE | {"vendor": "Them"}, tag=tag, status=412)

    async def test_variants_are_called_as_the_product_says(
        self, office: Office, buyer: Buyer, hoodie: dict[str, Any]
    ) -> None:
        path = f"/products/{hoodie['id']}"
        (variant,) = (await office.get(f"{path}/variants"))["items"]
        order = await buyer.order_at_once(variant["id"])
        await office.change(path, HOODIE | {"title": "Harbour hoodie"})
        assert (await office.get(f"{path}/variants"))["items"][0]["title"] == "Harbour hoodie · L"
        assert (await buyer.order(order))["lines"][0]["title"] == "Wake hoodie · L"

    @pytest.mark.parametrize("how", ["draft", "archive"])
    async def test_what_is_taken_off_the_shelf_cannot_be_bought(
        self, office: Office, client: httpx.AsyncClient, buyer: Buyer, hoodie: dict[str, Any], how: str
    ) -> None:
        path = f"/products/{hoodie['id']}"
        (variant,) = (await office.get(f"{path}/variants"))["items"]
        if how == "draft":
            await office.change(path, HOODIE | {"published": False})
        else:
            await office.do(path, "archive")
        assert (await client.get("/api/v1/products/wake-hoodie")).status_code == 404
        assert (await client.get("/api/v1/products?sort=price")).json()["items"] == []
        await buyer.add(variant["id"], status=409)
        if how == "archive":
            await office.do(path, "restore")
            await buyer.add(variant["id"])

    async def test_a_draft_may_have_the_time_when_it_is_published(self, office: Office, hoodie: dict[str, Any]) -> None:
        path, when = f"/products/{hoodie['id']}", "2099-05-01T12:00:00+02:00"
        planned = await office.change(path, HOODIE | {"published": False, "publish_at": when})
        assert planned["publish_at"] == "2099-05-01T10:00:00Z"
        refused = await office.change(path, HOODIE | {"publish_at": when}, status=422)
        assert [error["field"] for error in refused["errors"]] == ["publish_at"]

    async def test_pictures_keep_their_order(self, office: Office, hoodie: dict[str, Any]) -> None:
        path = f"/products/{hoodie['id']}"
        turned = list(reversed(hoodie["images"]))
        assert (await office.change(path, HOODIE | {"images": turned}))["images"] == turned
        twice = [hoodie["images"][0]] * 2
        refused = await office.change(path, HOODIE | {"images": twice}, status=422)
        assert refused["errors"][0]["field"] == "images[1].url"

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x/y", "/etc/passwd", "https://", "/static/a b", ""])
    async def test_pictures_are_of_the_web_or_ours(self, office: Office, url: str) -> None:
        await office.add("/products", HOODIE | {"images": [{"url": url}]}, status=422)

    async def test_the_number_of_options_stays_while_there_are_variants(
        self, office: Office, hoodie: dict[str, Any]
    ) -> None:
        path = f"/products/{hoodie['id']}"
        await office.change(path, HOODIE | {"option_names": ["Cut"]})
        refused = await office.change(path, HOODIE | {"option_names": []}, status=409)
        assert refused["type"] == "urn:backline:problem:options-in-use"

    async def test_a_category_that_is_not_there_is_refused(self, office: Office, hoodie: dict[str, Any]) -> None:
        caps = await office.add("/categories", {"title": "Caps"})
        path = f"/products/{hoodie['id']}"
        await office.change(path, HOODIE | {"category": caps["id"]})
        await office.do(f"/categories/{caps['id']}", "archive")
        await office.change(path, HOODIE | {"category": caps["id"], "vendor": "still there"})
        await office.add("/products", HOODIE | {"slug": "other", "category": caps["id"]}, status=422)

    async def test_the_list_is_filtered_and_paged(self, office: Office, hoodie: dict[str, Any]) -> None:
        for number in range(3):
            await office.add("/products", {"title": f"Draft {number}"})
        assert [each["title"] for each in (await office.get("/products?published=true"))["items"]] == ["Wake hoodie"]
        assert len((await office.get("/products?q=draft"))["items"]) == 3
        page = await office.get("/products?limit=3")
        assert (await office.get(f"/products?limit=3&after={page['next']}"))["items"][0]["variants"] == 1


class TestPermissions:
    @pytest.mark.parametrize(("role", "read", "write"), [("moderator", 200, 403), ("customer", 403, 403)])
    async def test_decide_who_may(
        self, client: httpx.AsyncClient, db: Database, role: str, read: int, write: int
    ) -> None:
        office = Office(client, await signed_in_as(db, role))
        await office.ask("GET", "/products", status=read)
        await office.ask("POST", "/products", status=write, json=HOODIE)
        await office.ask("GET", "/pools", status=read)
        await office.ask("POST", "/pools", status=write, json={"name": "x"})
        assert (await client.get("/api/v1/staff/products")).status_code == 401


class TestBesideAnImport:
    async def test_neither_stands_in_the_others_way(
        self, office: Office, client: httpx.AsyncClient, db: Database
    ) -> None:
        header = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Published"
        shirts = [{"title": f"Shirt {n}", "option_names": ["Size"]} for n in range(6)]
        ids = [(await office.add("/products", shirt))["id"] for shirt in shirts]
        for price in range(1, 5):
            lines = "\n".join(f"shirt-{n},Shirt {n},Size,L,{price},{price % 2 == 0}" for n in range(6))
            reading = read_products(f"{header}\n{lines}".encode(), currency="EUR")
            staff = (
                client.put(
                    f"/api/v1/staff/products/{id}",
                    json={"title": f"Tee {price}", "option_names": ["Size"], "published": price % 2 == 1},
                    headers=office.headers | {"If-Match": "*"},
                )
                for id in reversed(ids)
            )
            done = await asyncio.gather(import_products(db, reading, currency="EUR"), *staff)
            assert [answer.status_code for answer in done[1:]] == [200] * 6
        offers = "offer JOIN variant ON offer_id = offer.id JOIN product ON product.id = product_id"
        assert await sql(db, f"SELECT 1 FROM {offers} WHERE active <> published") == []
