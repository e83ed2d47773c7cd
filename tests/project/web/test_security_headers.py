"""What browsers are told about every kind of answer."""

import httpx
import pytest

from project.settings import settings
from project.web import security_headers
from project.web.security_headers import NOTHING, OFFICE, SITE
from tests.journeys.conftest import client, server

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
PAGES = (
    "/",
    "/cart",
    "/no/such/page",
    "/docs",
    "/docs/reference",
    "/admin/invitation",
    "/api/v1/products",
    "/demo/mail",
)


def policy_of(answer: httpx.Response) -> dict[str, str]:
    (policy,) = answer.headers.get_list("content-security-policy")
    return dict(directive.strip().partition(" ")[::2] for directive in policy.split(";"))


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path", [*PAGES, "/static/site/site.css", "/static/nothing.css", "/media/x/y", "/health/live"]
    )
    async def test_has_all_of_them_once(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)
        for name in (
            "x-content-type-options",
            "x-frame-options",
            "permissions-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
        ):
            assert len(answer.headers.get_list(name)) == 1, name
        policy = policy_of(answer)
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in str(policy)

    async def test_fans_pages_run_no_script_and_talk_to_nobody(self, client: httpx.AsyncClient) -> None:
        assert policy_of(await client.get("/")) == SITE

    async def test_scripts_of_the_office_can_make_no_markup(self, client: httpx.AsyncClient) -> None:
        assert policy_of(await client.get("/admin/invitation")) == OFFICE
        assert OFFICE["require-trusted-types-for"] == "'script'"

    async def test_pages_with_an_empty_icon_may_show_it(self, client: httpx.AsyncClient) -> None:
        for path in ("/demo/mail", "/demo/pay/nothing"):
            assert "data:" in policy_of(await client.get(path))["img-src"]

    async def test_what_is_no_page_may_do_nothing(self, client: httpx.AsyncClient) -> None:
        assert policy_of(await client.get("/api/v1/products")) == NOTHING

    async def test_pictures_alone_may_stand_on_pages_of_others(self, client: httpx.AsyncClient) -> None:
        own = [(await client.get(path)).headers["cross-origin-resource-policy"] for path in PAGES]
        assert set(own) == {"same-origin"}
        for path in ("/static/demo/wake-hoodie.svg", f"/media/{64 * 'a'}/640.webp"):
            assert (await client.get(path)).headers["cross-origin-resource-policy"] == "cross-origin"


class TestHttps:
    async def test_stays_on_https_where_that_is_our_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def names() -> list[bytes]:
            security_headers.headers_of.cache_clear()
            return [name for name, _ in security_headers.security_headers("/")]

        assert b"strict-transport-security" not in names()
        monkeypatch.setattr(security_headers, "settings", _Settings("https://band.example"))
        assert b"strict-transport-security" in names()
        monkeypatch.undo()
        assert settings.base_url.startswith("http://")
        names()


class _Settings:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
