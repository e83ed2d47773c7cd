"""Requests that mean no good are refused with a 4xx and a reason; none is a failure of ours."""

import asyncio

import httpx
import msgspec
import pytest

from apps.core.db import Database
from project.settings import Settings, settings
from tests.factories import make_shirt, make_tickets
from tests.journeys.buyer import Buyer, sql

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("body", [b'{"x":"\xff"}', b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", b"{", b"", b"[]", b"1"])
@pytest.mark.parametrize("path", ["/api/v1/checkout", "/api/v1/cart/lines"])
async def test_bodies_that_are_no_request(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    answer = await client.post(path, content=body, headers=JSON)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/static/%00", "/static/" + "a" * 300, "/static/site/site.css/x", "/static/../project/app.py", "/%00"]
)
async def test_files_that_cannot_be(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in (400, 404)


@pytest.mark.parametrize("host", ["a:99999", "a:abc", "a b", "<script>"])
async def test_hosts_that_are_none(client: httpx.AsyncClient, host: str) -> None:
    answer = await raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    assert b" 400 " in answer.splitlines()[0]


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
async def test_addresses_that_would_break_a_mail(buyer: Buyer, db: Database, email: str) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 5)).id
    await buyer.order_at_once(ticket, email=email, status=422)
    assert await sql(db, "SELECT 1 FROM orders") == []


async def test_a_parcel_has_no_price_in_another_currency(
    buyer: Buyer, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.begin() as session:
        shirt = (await make_shirt(session)).id
    await sql(db, "INSERT INTO offer_price (offer_id, currency, amount) VALUES (:id, 'HUF', 900000)", id=shirt)
    monkeypatch.setattr("apps.checkout.selling.settings", settings_with(shipping_price=490))
    address = {"line1": "Kai 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    parcel = {"delivery": "ship", "address": address}
    assert (await buyer.order_at_once(shirt, **parcel))["shipping"] == 490
    assert (await buyer.order_at_once(shirt, currency="HUF", status=409, **parcel))["type"].endswith(
        "shipping-currency"
    )


def settings_with(**changes: object) -> Settings:

    return msgspec.structs.replace(settings, **changes)


async def test_what_is_a_buyers_own_is_not_kept_by_caches(buyer: Buyer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 5)).id
    await buyer.add(ticket)
    order = await buyer.check_out()
    for url, headers in (
        ("/api/v1/cart", {"Cart-Token": buyer.token}),
        (f"/api/v1/orders/{order['number']}?key={order['key']}", {}),
    ):
        answer = await buyer.client.get(url, headers=headers)
        assert "no-store" in answer.headers["cache-control"]
