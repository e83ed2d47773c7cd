"""Scripts of other sites may use the API where CORS_ORIGINS names them, and only there."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from apps.core.db.database import Database
from project.app import create_app
from project.settings import settings
from project.web.cors import with_cors
from tests.conftest import free_port
from tests.factories import make_shirt
from tests.journeys.conftest import listening

pytestmark = pytest.mark.anyio
FRIEND = "https://friend.example"
BROWSER = shutil.which("chromium")
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "cart-token,content-type"}


@pytest.fixture
def origins(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    named: str = getattr(request, "param", FRIEND)
    allow(named, monkeypatch)
    return named


def allow(origins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("project.app.with_cors", lambda app, _: with_cors(app, origins.split()))


@pytest.fixture
async def api(origins: str, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(database_url), httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as made:
        yield made


def serving(database_url: str) -> AbstractAsyncContextManager[None]:
    """An app that was made for these origins."""
    return listening(create_app(database_url=database_url), port=settings.port)


def varies(answer: httpx.Response) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}


class TestAnswers:
    @pytest.mark.parametrize("path", ["/api/v1/products", "/api/v1/products/none", "/api/v1/none", "/api/v1/cart?x=1"])
    async def test_a_friend_may_read_them_whatever_they_say(self, api: httpx.AsyncClient, path: str) -> None:
        answer = await api.get(path, headers={"Origin": FRIEND})
        assert answer.headers["access-control-allow-origin"] == FRIEND
        assert {"ETag", "RateLimit", "X-Request-ID"} <= set(answer.headers["access-control-expose-headers"].split(", "))
        assert {"origin", "accept-language"} <= varies(answer)
        assert "access-control-allow-credentials" not in answer.headers

    async def test_an_answer_that_is_kept_may_be_used_too(self, api: httpx.AsyncClient) -> None:
        tag = (await api.get("/api/v1/products", headers={"Origin": FRIEND})).headers["etag"]
        answer = await api.get("/api/v1/products", headers={"Origin": FRIEND, "If-None-Match": tag})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (304, FRIEND)
        assert "origin" in varies(answer)

    @pytest.mark.parametrize("origin", ["https://stranger.example", "https://friend.example.evil.example", "null", ""])
    async def test_a_stranger_may_not(self, api: httpx.AsyncClient, origin: str) -> None:
        answer = await api.get("/api/v1/products", headers={"Origin": origin} if origin else {})
        assert "access-control-allow-origin" not in answer.headers
        assert "origin" in varies(answer)

    async def test_pages_are_nobody_elses(self, api: httpx.AsyncClient) -> None:
        assert "access-control-allow-origin" not in (await api.get("/", headers={"Origin": FRIEND})).headers

    @pytest.mark.parametrize("origins", ["*"], indirect=True)
    async def test_everybody_may_when_everybody_is_named(self, api: httpx.AsyncClient) -> None:
        answer = await api.get("/api/v1/products", headers={"Origin": "https://stranger.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "origin" not in varies(answer)

    @pytest.mark.parametrize("origins", [""], indirect=True)
    async def test_nobody_may_when_nobody_is_named(self, api: httpx.AsyncClient) -> None:
        answer = await api.options("/api/v1/cart/lines", headers={"Origin": FRIEND, **PREFLIGHT})
        assert not [name for name in answer.headers if name.startswith("access-control")]


class TestPreflight:
    async def test_a_friend_may_send_our_headers(self, api: httpx.AsyncClient) -> None:
        answer = await api.options("/api/v1/cart/lines", headers={"Origin": FRIEND, **PREFLIGHT})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, FRIEND)
        assert {"Cart-Token", "If-Match"} <= set(answer.headers["access-control-allow-headers"].split(", "))
        assert "POST" in answer.headers["access-control-allow-methods"]

    async def test_a_stranger_may_not(self, api: httpx.AsyncClient) -> None:
        answer = await api.options("/api/v1/cart/lines", headers={"Origin": "https://stranger.example", **PREFLIGHT})
        assert "access-control-allow-origin" not in answer.headers

    async def test_other_questions_are_answered_as_ever(self, api: httpx.AsyncClient) -> None:
        assert "allow" in (await api.options("/api/v1/products", headers={"Origin": FRIEND})).headers


PAGE = """<!doctype html><title>waiting</title><body></body><script type="module">
const api = "%s/api/v1";
const told = [];
try {
  const made = await fetch(`${api}/cart/lines`, {
    method: "POST", headers: {"Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID()},
    body: JSON.stringify({offer: "%s"})});
  const cart = await made.json();
  const again = await fetch(`${api}/cart`, {headers: {"Cart-Token": cart.token}});
  const missing = await fetch(`${api}/products/none`);
  told.push(made.status, (await again.json()).lines.length, missing.status, missing.headers.has("X-Request-ID"));
} catch (error) { told.push(error.name); }
document.body.textContent = `outcome: ${told.join(" ")}.`;
</script>"""


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
class TestBrowser:
    async def test_a_page_of_a_friend_fills_a_cart(
        self, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        friend = free_port()
        allow(f"http://127.0.0.1:{friend}", monkeypatch)
        assert await outcome(db, friend, tmp_path) == "201 1 404 true"

    async def test_a_page_of_a_stranger_fails(
        self, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        allow(FRIEND, monkeypatch)
        assert await outcome(db, free_port(), tmp_path) == "TypeError"


async def outcome(db: Database, port: int, profile: Path) -> str:
    """What the page at 127.0.0.1:`port` saw of our API, in a real browser."""
    async with db.begin() as session:
        offer = (await make_shirt(session)).id
    page = PAGE % (settings.base_url, offer)
    async with serving(db.url), await asyncio.start_server(serving_page(page), "127.0.0.1", port):
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")
        shown = ("--virtual-time-budget=20000", f"--user-data-dir={profile}", "--dump-dom", f"http://127.0.0.1:{port}/")
        browser = await asyncio.create_subprocess_exec(
            str(BROWSER), *options, *shown, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        document, _ = await asyncio.wait_for(browser.communicate(), 90)
    return document.decode().partition("outcome: ")[2].partition(".<")[0]


def serving_page(page: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(65536):  # browsers also open connections that they do not use
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n{page}".encode())
            await writer.drain()
        writer.close()

    return answer
