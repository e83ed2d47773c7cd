"""Stylesheets, scripts and pictures as browsers fetch them."""

import gzip
import re

import httpx
import pytest

from apps.core.text.templates import asset, static_paths
from tests.journeys.conftest import client, server

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
STYLE = "site/site.css"
GZIP, PLAIN = {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "identity"}


class TestKeeping:
    async def test_every_file_that_a_page_names_is_kept_for_good(self, client: httpx.AsyncClient) -> None:
        for page in ("/", "/cart", "/docs", "/admin/invitation"):
            html = (await client.get(page)).text
            named = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[^"]+)"', html)
            assert named
            for address in named:
                assert "immutable" in (await client.get(address)).headers["cache-control"], address

    @pytest.mark.parametrize("query", ["", "?v=0123456789", "?v=", "?lang=ru"])
    async def test_another_address_of_it_is_asked_again(self, client: httpx.AsyncClient, query: str) -> None:
        answer = await client.get(f"/static/{STYLE}{query}")
        assert answer.headers["cache-control"] == "public, max-age=3600"

    async def test_what_is_there_already_is_not_sent_again(self, client: httpx.AsyncClient) -> None:
        for accepted in (GZIP, PLAIN):
            first = await client.get(asset(STYLE), headers=accepted)
            again = await client.get(asset(STYLE), headers={**accepted, "If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]


class TestCompression:
    async def test_is_for_who_accepts_it(self, client: httpx.AsyncClient) -> None:
        small, plain = [await client.get(asset(STYLE), headers=each) for each in (GZIP, PLAIN)]
        assert small.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert small.content == plain.content == static_paths()[STYLE].read_bytes()
        assert int(small.headers["content-length"]) < len(plain.content) / 2
        assert small.headers["etag"] != plain.headers["etag"]
        assert small.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"

    async def test_head_says_what_get_would(self, client: httpx.AsyncClient) -> None:
        get, head = [await ask(asset(STYLE), headers=GZIP) for ask in (client.get, client.head)]
        assert head.content == b""
        assert head.headers["content-length"] == get.headers["content-length"]

    async def test_pages_are_compressed_too(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/", headers=GZIP) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        assert b"</html>" in gzip.decompress(raw)


class TestPaths:
    @pytest.mark.parametrize("path", ["", "/", "/site", "/site/", "/site/none.css", "/site//site.css", "/..%2fapp.py"])
    async def test_nothing_but_files_is_there(self, client: httpx.AsyncClient, path: str) -> None:
        assert (await client.get(f"/static{path}")).status_code in (400, 404)
        assert (await client.get(f"/static/{STYLE}")).status_code == 200

    async def test_nothing_can_be_sent_there(self, client: httpx.AsyncClient) -> None:
        assert (await client.post(f"/static/{STYLE}")).status_code == 405
