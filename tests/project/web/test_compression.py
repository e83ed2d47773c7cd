"""Answers as gzip: which ones, for whom, and what becomes of their versions."""

import gzip

import httpx
import pytest
from litestar.types import ASGIApp, Receive, Scope, Send

from apps.core.db.database import Database
from project.web.compression import LARGE, WORTH_COMPRESSING, accepts_gzip, compressed, with_compression
from tests.accounts.fan import PASSWORD, Fan
from tests.factories import make_tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer
from tests.staff import signed_in_as

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
PRODUCTS = "/api/v1/staff/products"
LONG = {"title": "Wake hoodie", "description": "<p>Warm as a boiler room.</p>" * 60}
GZIP, PLAIN = {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "identity"}


@pytest.fixture
async def manager(client: httpx.AsyncClient, db: Database) -> httpx.AsyncClient:
    client.headers.update(await signed_in_as(db, "manager"))
    return client


@pytest.fixture
async def product(manager: httpx.AsyncClient) -> str:
    """Where the answer about a product with a long description is found."""
    made = await manager.post(PRODUCTS, json=LONG)
    assert made.status_code == 201, made.text
    return f"{PRODUCTS}/{made.json()['id']}"


class TestStaff:
    async def test_lists_are_compressed_on_request_only(self, manager: httpx.AsyncClient) -> None:
        for number in range(10):
            await manager.post(PRODUCTS, json={"title": f"Hoodie {number}"})
        small, plain = [await manager.get(PRODUCTS, headers=accepted) for accepted in (GZIP, PLAIN)]
        assert (small.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
        assert "Accept-Encoding" in small.headers["vary"]
        assert small.headers["cache-control"] == plain.headers["cache-control"]
        assert int(small.headers["content-length"]) < len(plain.content)
        assert small.json() == plain.json()

    async def test_head_says_what_get_would(self, manager: httpx.AsyncClient, product: str) -> None:
        get, head = await manager.get(product, headers=GZIP), await manager.head(product, headers=GZIP)
        assert head.content == b""
        assert head.headers["content-encoding"] == "gzip"
        assert [head.headers[name] for name in ("etag", "content-length")] == [
            get.headers[name] for name in ("etag", "content-length")
        ]


class TestVersions:
    async def test_each_encoding_has_its_own(self, manager: httpx.AsyncClient, product: str) -> None:
        small, plain = [(await manager.get(product, headers=each)).headers["etag"] for each in (GZIP, PLAIN)]
        assert small == plain.removesuffix('"') + '-gzip"'

    @pytest.mark.parametrize("read_as", [GZIP, PLAIN])
    async def test_each_allows_the_change(self, manager: httpx.AsyncClient, product: str, read_as: dict) -> None:
        tag = (await manager.get(product, headers=read_as)).headers["etag"]
        changed = await manager.put(product, json=LONG | {"title": "Cap"}, headers={"If-Match": f'"other", {tag}'})
        assert (changed.status_code, changed.json()["title"]) == (200, "Cap")

    async def test_the_one_that_a_change_answers_allows_the_next(
        self, manager: httpx.AsyncClient, product: str
    ) -> None:
        tag = (await manager.get(product, headers=GZIP)).headers["etag"]
        for title in ("Cap", "Mug"):
            changed = await manager.put(product, json=LONG | {"title": title}, headers={"If-Match": tag, **GZIP})
            assert (changed.status_code, changed.headers["content-encoding"]) == (200, "gzip")
            tag = changed.headers["etag"]

    async def test_a_stale_one_does_not(self, manager: httpx.AsyncClient, product: str) -> None:
        tag = (await manager.get(product, headers=GZIP)).headers["etag"]
        answers = [await manager.put(product, json=LONG | {"title": t}, headers={"If-Match": tag}) for t in "AB"]
        assert [answer.status_code for answer in answers] == [200, 412]


class TestSecrets:
    async def test_what_a_cart_token_stands_in_stays_as_it_is(self, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            offers = [(await make_tickets(session, 10)).id for _ in range(6)]
        for offer in offers:
            await customer.add(offer)
        answer = await customer.client.get("/api/v1/cart", headers={"Cart-Token": str(customer.token), **GZIP})
        assert len(answer.content) > WORTH_COMPRESSING
        assert "content-encoding" not in answer.headers
        assert "no-transform" in answer.headers["cache-control"]

    async def test_nor_may_a_proxy_compress_tokens_and_keys(self, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            offer = str((await make_tickets(session, 10)).id)
        body = {"email": "fan@example.org", "lines": [{"offer": offer}]}
        order = await customer.client.post("/api/v1/checkout", json=body)
        await Fan(customer.client).open_account(db)
        form = {"grant_type": "password", "username": "fan@example.org", "password": PASSWORD}
        token = await customer.client.post("/api/v1/auth/token", data=form)
        assert (order.status_code, token.status_code) == (201, 200)
        assert all("no-transform" in answer.headers["cache-control"] for answer in (order, token))


class TestAcceptEncoding:
    @pytest.mark.parametrize(
        "header", [b"gzip", b"GZIP", b"*", b"br, gzip;q=0.5", b"deflate,\tgzip ; q=0.001", b"identity;q=0.5, gzip"]
    )
    def test_accepts(self, header: bytes) -> None:
        assert accepts_gzip(header)

    @pytest.mark.parametrize(
        "header", [b"", b"br", b"gzip;q=0", b"gzip;q=0.000, *", b"*;q=0", b"gzip;q=x", b"identity, gzip;q=0.5"]
    )
    def test_does_not(self, header: bytes) -> None:
        assert not accepts_gzip(header)


class TestLayer:
    @pytest.mark.parametrize("size", [WORTH_COMPRESSING, LARGE - 1, LARGE, 10 * LARGE])
    async def test_any_size_comes_whole(self, size: int) -> None:
        answer = await ask(answering(b"x" * size))
        assert (answer.headers["content-encoding"], answer.content) == ("gzip", b"x" * size)

    @pytest.mark.parametrize(
        "headers",
        [
            {"content-type": "application/pdf"},
            {"content-type": "application/json", "cache-control": "private, no-transform"},
        ],
    )
    async def test_leaves_alone(self, headers: dict[str, str]) -> None:
        answer = await ask(answering(b"x" * LARGE, **headers))
        assert ("content-encoding" in answer.headers, len(answer.content)) == (False, LARGE)

    async def test_compresses_nothing_twice(self) -> None:
        once = await compressed(b"x" * 10 * LARGE, level=1)
        answer = await ask(answering(once, **{"content-type": "application/json", "content-encoding": "gzip"}))
        assert answer.content == gzip.decompress(once)

    async def test_a_stream_flows_on(self) -> None:
        answer = await ask(answering(b"x" * LARGE, b"y" * LARGE))
        assert ("content-encoding" in answer.headers, len(answer.content)) == (False, 2 * LARGE)

    async def test_pages_are_compressed_alike(self) -> None:
        assert (await ask(answering(b"x" * LARGE), "/cart")).headers["content-encoding"] == "gzip"


def answering(*chunks: bytes, **headers: str) -> ASGIApp:
    """JSON, unless `headers` say otherwise."""
    headers = headers or {"content-type": "application/json"}
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": sent})
        for number, chunk in enumerate(chunks, start=1):
            await send({"type": "http.response.body", "body": chunk, "more_body": number < len(chunks)})

    return app


async def ask(app: ASGIApp, path: str = "/api/v1/some") -> httpx.Response:
    transport = httpx.ASGITransport(app=with_compression(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=GZIP) as client:
        return await client.get(path)
