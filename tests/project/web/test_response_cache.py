"""Public answers over HTTP: validators, compression, languages, and what may be kept by whom."""

import httpx
import pytest

from apps.core.db.database import Database
from project.web.response_cache.negotiation import is_known
from tests.factories import make_concert
from tests.journeys.conftest import client, customer, server

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
CONCERTS = "/api/v1/concerts"


@pytest.fixture
async def concerts(client: httpx.AsyncClient, db: Database) -> httpx.AsyncClient:
    """Enough of them that compressing pays."""
    async with db.begin() as session:
        for _ in range(5):
            await make_concert(session)
    return client


async def ask(client: httpx.AsyncClient, path: str = CONCERTS, **headers: str) -> httpx.Response:
    """`accept_encoding="gzip"` is the header of that name; without it no encoding is accepted."""
    sent = {"accept-encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await client.get(path, headers=sent)


class TestNotModified:
    async def test_who_has_the_answer_gets_no_body(self, concerts: httpx.AsyncClient) -> None:
        first = await ask(concerts)
        again = await ask(concerts, if_none_match=first.headers["etag"])
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        for name in ("etag", "cache-control", "vary", "content-language"):
            assert again.headers[name] == first.headers[name]
        assert not {"content-length", "content-type"} & set(again.headers)

    async def test_a_change_gives_another_etag(self, concerts: httpx.AsyncClient, db: Database) -> None:
        first = await ask(concerts)
        async with db.begin() as session:
            await make_concert(session)
        again = await ask(concerts, if_none_match=first.headers["etag"])
        assert (again.status_code, len(again.json()["items"])) == (200, 6)

    async def test_encodings_have_etags_of_their_own(self, concerts: httpx.AsyncClient) -> None:
        plain, small = await ask(concerts), await ask(concerts, accept_encoding="gzip")
        assert plain.headers["etag"] != small.headers["etag"]
        other = await ask(concerts, accept_encoding="gzip", if_none_match=plain.headers["etag"])
        same = await ask(concerts, accept_encoding="gzip", if_none_match=small.headers["etag"])
        assert (other.status_code, same.status_code) == (200, 304)

    @pytest.mark.parametrize("header", [b'"a"', b'W/"a"', b'"b", "a"', b'"b",W/"a"', b"*", b" * "])
    def test_names_the_etag(self, header: bytes) -> None:
        assert is_known(b'"a"', header)

    @pytest.mark.parametrize("header", [b"", b"a", b'"b"', b'"a', b'"a-gzip"', b'"*"', b",,"])
    def test_names_another(self, header: bytes) -> None:
        assert not is_known(b'"a"', header)


class TestCompression:
    async def test_on_request_only_and_the_same_within(self, concerts: httpx.AsyncClient) -> None:
        plain, small = await ask(concerts), await ask(concerts, accept_encoding="br, gzip;q=0.5")
        assert "content-encoding" not in plain.headers
        assert small.headers["content-encoding"] == "gzip"
        assert small.content == plain.content
        assert int(small.headers["content-length"]) < len(plain.content)

    @pytest.mark.parametrize("refused", ["identity", "gzip;q=0", "gzip; q=0.0, *", "br", "*;q=0", "gzip;q=x"])
    async def test_not_when_refused(self, concerts: httpx.AsyncClient, refused: str) -> None:
        assert "content-encoding" not in (await ask(concerts, accept_encoding=refused)).headers

    async def test_not_when_it_is_not_worth_it(self, client: httpx.AsyncClient) -> None:
        empty = await ask(client, accept_encoding="gzip")
        assert "content-encoding" not in empty.headers

    async def test_head_says_what_get_would(self, concerts: httpx.AsyncClient) -> None:
        get, head = await ask(concerts), await concerts.head(CONCERTS, headers={"accept-encoding": "identity"})
        assert head.content == b""
        assert {name: head.headers[name] for name in ("etag", "content-length", "vary")} == {
            name: get.headers[name] for name in ("etag", "content-length", "vary")
        }


class TestWhoMayKeepIt:
    async def test_anybody_for_some_seconds_by_language_and_encoding(self, concerts: httpx.AsyncClient) -> None:
        headers = (await ask(concerts, accept_language="ru")).headers
        assert headers["cache-control"] == "max-age=10, public"
        assert {"Accept-Language", "Accept-Encoding"} <= set(headers["vary"].split(", "))
        assert headers["content-language"] == "ru"

    @pytest.mark.parametrize("path", [f"{CONCERTS}/none", f"{CONCERTS}?limit=0", "/api/v1/cart", "/health/live"])
    async def test_nobody_what_is_refused_or_private(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await ask(client, path)
        assert "public" not in answer.headers.get("cache-control", "")
        assert "etag" not in answer.headers
