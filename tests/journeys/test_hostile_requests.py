"""Requests that mean no good are refused with a 4xx and a reason; none is a failure of ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import product
from typing import Any

import httpx
import msgspec
import pytest
from litestar.enums import ParamType
from litestar.handlers import HTTPRouteHandler
from msgspec.inspect import (
    AnyType,
    BytesType,
    DateTimeType,
    DictType,
    FloatType,
    IntType,
    ListType,
    Metadata,
    StrType,
    StructType,
    UnionType,
    type_info,
)

from apps.core.db.database import Database
from apps.core.http.inputs import inputs_of
from apps.core.http.requests import SMALL_BODY
from project.app import create_app
from project.settings import Settings, settings
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, sql

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}


CHECKOUT = ["/api/v1/checkout", "/api/v1/cart/lines"]
NO_JSON = {
    "not UTF-8": b'{"x":"\xff"}',
    "too deep": b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "cut off": b"{",
    "no JSON": b"name=value",
    "two values": b"{} {}",
    "not a number": b'{"x":NaN}',
    "beyond all numbers": b'{"x":1e999}',
    "half a character": b'{"x":"\\ud800"}',
    "a mark of bytes' order": b"\xef\xbb\xbf{}",
}
NO_REQUEST = {"nothing": b"", "a list": b"[]", "a number": b"1", "null": b"null", "a twin": b'{"x":1,"x":2}'}
NO_REQUEST |= {"nul": b'{"email":"\\u0000"}'}

QUERIES = {
    "limit=1e1": {"limit"},
    "limit=%201": {"limit"},
    "limit=%D9%A1": {"limit"},
    "limit=99999999999999999999": {"limit"},
    "limit=5&limit=6": {"limit"},
    "page=2&limit=500": {"page", "limit"},
    "=1&lang=xx": {"", "lang"},
}


class TestBodies:
    async def test_what_is_no_json(self, client: httpx.AsyncClient) -> None:
        for path, (name, body) in product(CHECKOUT, NO_JSON.items()):
            answer = await client.post(path, content=body, headers=JSON)
            assert (answer.status_code, answer.json()["type"]) == (400, "urn:backline:problem:bad-request"), name

    async def test_what_is_no_request(self, client: httpx.AsyncClient) -> None:
        for path, (name, body) in product(CHECKOUT, NO_REQUEST.items()):
            answer = await client.post(path, content=body, headers=JSON)
            assert (answer.status_code, bool(answer.json()["errors"])) == (422, True), name

    async def test_what_is_not_said_to_be_json(self, client: httpx.AsyncClient) -> None:
        for path, kind in product(
            CHECKOUT, ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonp")
        ):
            answer = await client.post(path, content=b"{}", headers={"Content-Type": kind} if kind else {})
            assert (answer.status_code, answer.json()["type"]) == (415, "urn:backline:problem:unsupported-media-type")

    async def test_what_is_too_large(self, client: httpx.AsyncClient) -> None:
        for path, body in product(CHECKOUT, (lambda: b" " * (SMALL_BODY + 1), endless)):
            answer = await client.post(path, content=body(), headers=JSON)
            assert (answer.status_code, answer.json()["type"]) == (413, "urn:backline:problem:too-large")


async def endless() -> AsyncIterator[bytes]:
    """Without a Content-Length; after the answer nobody reads on."""
    for _ in range(SMALL_BODY // 500):
        yield b" " * 1000


class TestAllAtOnce:
    async def test_every_bad_field_of_body_query_and_headers_is_named(self, client: httpx.AsyncClient) -> None:
        body = {"email": "nobody", "lines": [{"offer": "x", "quantity": "2"}], "delivery": "fly", "gift": True}
        headers = {"Idempotency-Key": "short", "Accept-Language": "ru"}
        answer = await client.post("/api/v1/checkout?fast=1&lang=en", json=body, headers=headers)
        assert answer.status_code == 422
        assert {each["field"]: each["message"] for each in answer.json()["errors"]} == {
            "fast": "There is no such field.",
            "Idempotency-Key": "Must have at least 16 characters.",
            "email": "An email address looks like name@example.org.",
            "lines[0].offer": "Must be a UUID.",
            "lines[0].quantity": "Must be a whole number.",
            "delivery": "Must be one of: ship, pickup.",
            "gift": "There is no such field.",
        }

    async def test_in_the_readers_language(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/products?limit=0", headers={"Accept-Language": "ru"})
        assert answer.json()["errors"] == [{"field": "limit", "message": "Не меньше 1."}]

    async def test_queries(self, client: httpx.AsyncClient) -> None:
        for query, fields in QUERIES.items():
            answer = await client.get(f"/api/v1/products?{query}")
            assert (answer.status_code, {each["field"] for each in answer.json()["errors"]}) == (422, fields)

    async def test_forms_too(self, client: httpx.AsyncClient) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = "username=%00&password=a&password=b&scope=ignored"
        answer = await client.post("/api/v1/auth/token", content=body, headers=form)
        assert answer.status_code == 422
        assert {each["field"]: each["message"] for each in answer.json()["errors"]} == {
            "username": "This contains characters that no text has.",
            "password": "This is given more than once.",
            "grant_type": "This is required.",
        }
        assert (await client.post("/api/v1/auth/token", content=b"{}", headers=JSON)).status_code == 415


async def test_control_characters_reach_nobody(client: httpx.AsyncClient) -> None:
    for path in ("/%00", "/api/v1/products/%00", "/api/v1/products/a%0Ab", "/api/v1/products?after=%00"):
        assert (await client.get(path)).status_code == 400
    for name in ("Cart-Token", "Accept-Language", "Idempotency-Key", "X-Request-ID"):
        request = f"GET /api/v1/cart HTTP/1.1\r\nHost: localhost\r\n{name}: a\x00b\r\nConnection: close\r\n\r\n"
        assert b" 400 " in (await raw(request)).splitlines()[0]
        assert b" 400 " not in (await raw(request.replace("\x00", ""))).splitlines()[0]


@pytest.mark.parametrize("headers", [{"Accept-Language": "x" * 40_000}, {f"X-{n}": "x" * 5000 for n in range(8)}])
async def test_headers_that_fill_the_memory(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/api/v1/concerts", headers=headers)).status_code == 400
    assert (await client.get("/api/v1/concerts?after=" + "x" * 9000)).status_code == 400
    assert (await client.get("/api/v1/concerts")).status_code == 200


async def test_a_path_has_one_spelling(client: httpx.AsyncClient) -> None:
    for path in ("//api/v1/concerts", "/api//v1/concerts"):
        assert (await client.get(f"{settings.base_url}{path}")).status_code == 400


async def test_paths_that_name_nothing(client: httpx.AsyncClient) -> None:
    for path, status in (
        ("products/%FF", 404),
        ("products/" + "9" * 5000, 404),
        ("cart/lines/" + "9" * 20, 405),
        ("orders/9?key=%FF", 404),
        ("products", 200),
    ):
        assert (await client.get(f"/api/v1/{path}")).status_code == status, path


def test_whatever_comes_in_has_bounds() -> None:
    """A text without an end, or a number beyond what the database holds, is somebody's failure one day."""
    handlers = [
        handler for route in create_app().routes if route.path.startswith("/api/") for handler in handlers_of(route)
    ]
    kinds = {(handler.handler_name, kind) for handler in handlers for kind in kinds_of(handler)}
    assert len(kinds) > 5
    assert [*unbounded(type_info(str)), *unbounded(type_info(list[int]))] == ["$", "$"]
    assert [f"{name}: {at}" for name, kind in kinds for at in unbounded(type_info(kind))] == []


def handlers_of(route: object) -> list[HTTPRouteHandler]:
    return [each for each in getattr(route, "route_handlers", []) if isinstance(each, HTTPRouteHandler)]


def kinds_of(handler: HTTPRouteHandler) -> list[Any]:
    inputs = inputs_of(handler)
    of_parameters = [
        each.kind for each in (*inputs.query.values(), *inputs.others) if each.source is not ParamType.PATH
    ]
    return [*of_parameters, *filter(None, (inputs.body, inputs.form))]


def unbounded(kind: Any, at: str = "$") -> Iterator[str]:
    match kind:
        case Metadata():
            yield from unbounded(kind.type, at)
        case StructType():
            for field in kind.fields:
                yield from unbounded(field.type, f"{at}.{field.encode_name}")
        case UnionType():
            for each in kind.types:
                yield from unbounded(each, at)
        case ListType():
            yield from [at] if kind.max_length is None else unbounded(kind.item_type, f"{at}[]")
        case DictType():
            yield from (*unbounded(kind.key_type, at), *unbounded(kind.value_type, at))
        case IntType() | FloatType():
            yield from (
                [at]
                if None in (kind.lt if kind.le is None else kind.le, kind.ge if kind.gt is None else kind.gt)
                else []
            )
        case StrType() if kind.max_length is None and kind.pattern is None:
            yield at
        case DateTimeType() if at != "$" and not kind.tz:  # parameters lose it, and are looked at by their handlers
            yield at
        case AnyType() | BytesType():
            yield at


@pytest.mark.parametrize(
    ("path", "status"), [("%00", 400), ("a" * 300, 400), ("site/site.css/x", 404), ("../project/app.py", 404)]
)
async def test_files_that_cannot_be(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(f"/static/{path}")).status_code == status
    assert (await client.get("/static/site/site.css")).status_code == 200


@pytest.mark.parametrize("host", ["a:99999", "a:abc", "a b", "<script>"])
async def test_hosts_that_are_none(client: httpx.AsyncClient, host: str) -> None:
    answer = await raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    assert b" 400 " in answer.splitlines()[0]


OURS = f"Host: {settings.base_url.removeprefix('http://')}\r\n"


class TestHost:
    """Whoever could choose it would choose where links and mails lead."""

    async def test_one_that_is_not_ours_is_refused(self, server: None) -> None:
        for path in ("/", "/api/v1/concerts", "/admin/invitation", "/static/site/site.css"):
            for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.2", "[::2]", "localhost."):
                answer = await raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
                assert b" 400 " in answer.splitlines()[0], (path, host)
                assert b"This is not the address of this site." in answer

    async def test_two_are_refused_whatever_they_are(self, server: None) -> None:
        for path in ("/", "/health/live"):
            for second in (OURS, "Host: evil.example\r\n"):
                answer = await raw(f"GET {path} HTTP/1.1\r\n{OURS}{second}Connection: close\r\n\r\n")
                assert b" 400 " in answer.splitlines()[0], (path, second)

    async def test_none_is_refused(self, server: None) -> None:
        for headers, status in (("", b" 400 "), (OURS, b" 200 ")):
            assert status in (await raw(f"GET / HTTP/1.0\r\n{headers}\r\n")).splitlines()[0]

    async def test_brackets_around_no_address_are_refused(self, server: None) -> None:
        for host in ("[:::::]", "[1.2.3.4]", "[....]", "[::1", "[::1]:99999"):
            for path in ("/shop", "/health/live", "/static/x"):
                answer = await raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
                assert b" 400 " in answer.splitlines()[0], (host, path)

    async def test_this_machine_has_many_names(self, server: None) -> None:
        for host in ("localhost", "LOCALHOST:1", "[::1]", "[::1]:65535", "127.0.0.1:65001"):
            answer = await raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            assert b" 200 " in answer.splitlines()[0], host

    async def test_a_load_balancer_may_ask_after_our_health_under_any(self, server: None) -> None:
        for host in ("Host: 10.1.2.3:8000\r\n", "Host: pod-7.cluster.local\r\n", ""):
            answer = await raw(f"GET /health/ready HTTP/1.0\r\n{host}\r\n")
            assert b" 200 " in answer.splitlines()[0], host


async def raw(request: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "email",
    [
        "a@example.org\n",
        "=?utf-8?q?evil=40attacker.example?=@bar.example",
        "\u0130" * 130 + "@example.org",
        "a@b",
        "a b@example.org",
        "a@example.org\r\nBcc: x@example.org",
    ],
)
async def test_addresses_that_would_break_a_mail(customer: Customer, db: Database, email: str) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 5)).id
    await customer.order_at_once(ticket, email=email, status=422)
    assert await sql(db, "SELECT 1 FROM orders") == []


async def test_a_parcel_has_no_price_in_another_currency(
    customer: Customer, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.begin() as session:
        shirt = (await make_shirt(session)).id
    await sql(db, "INSERT INTO offer_price (offer_id, currency, amount) VALUES (:id, 'HUF', 900000)", id=shirt)
    monkeypatch.setattr("apps.checkout.queue.sale_rules.settings", settings_with(shipping_price=490))
    address = {"line1": "Kai 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    parcel = {"delivery": "ship", "address": address}
    assert (await customer.order_at_once(shirt, **parcel))["shipping"] == 490
    assert (await customer.order_at_once(shirt, currency="HUF", status=409, **parcel))["type"].endswith(
        "shipping-currency"
    )


def settings_with(**changes: object) -> Settings:

    return msgspec.structs.replace(settings, **changes)


async def test_what_is_a_customers_own_is_not_kept_by_caches(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 5)).id
    await customer.add(ticket)
    order = await customer.check_out()
    for url, headers in (
        ("/api/v1/cart", {"Cart-Token": customer.token}),
        (f"/api/v1/orders/{order['number']}?key={order['key']}", {}),
    ):
        answer = await customer.client.get(url, headers=headers)
        assert "no-store" in answer.headers["cache-control"]
