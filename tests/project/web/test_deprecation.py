"""An operation that will be removed says so: in the document, and in each of its answers."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated

import httpx
import pytest
from litestar import Controller, Litestar, get
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from apps.core.http.openapi import DEPRECATION, Deprecation, success_response
from apps.core.http.requests import CATALOGUE, PUBLIC
from project import registry
from project.app import create_app
from project.settings import settings
from project.web.openapi.document import document
from project.web.openapi.reference import reference_page
from tests.journeys.conftest import listening

pytestmark = pytest.mark.anyio
SAID = {"deprecation": "@1796083200", "sunset": "Thu, 02 Dec 2027 00:00:00 GMT"}
GIGS, SHOWS = "/api/v1/gigs", "/api/v1/shows"


class GigsOut(Struct):
    """What was called gigs."""

    count: int
    total: Annotated[int, Meta(description="Use `count`.", extra_json_schema={"deprecated": True})] = 0


class GigController(Controller):
    tags = ["Concerts"]
    opt = PUBLIC

    @get(
        GIGS,
        cache_control=CATALOGUE,
        opt={DEPRECATION: Deprecation(since=date(2026, 12, 1), sunset=date(2027, 12, 2))},
        responses=success_response(GigsOut, status=200),
    )
    async def gigs(self, least: Annotated[int, QueryParameter(name="least")] = 0) -> GigsOut:
        """How many gigs there are. Use `GET /shows`."""
        return GigsOut(count=least)

    @get(SHOWS)
    async def shows(self) -> GigsOut:
        """How many shows there are."""
        return GigsOut(count=1)


@pytest.fixture
def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Litestar:
    """Backline with operations beside its own."""
    offered = [*registry.controllers(), GigController]
    monkeypatch.setattr(registry, "controllers", lambda: offered)
    return create_app(database_url=database_url)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with listening(app, port=settings.port), httpx.AsyncClient(base_url=settings.base_url) as made:
        yield made


def said(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in SAID if name in answer.headers}


class TestHeaders:
    async def test_stand_in_each_answer(self, client: httpx.AsyncClient) -> None:
        first = await client.get(GIGS)
        known = await client.get(GIGS, headers={"If-None-Match": first.headers["etag"]})
        refused = await client.get(GIGS, params={"least": "x"})
        assert [each.status_code for each in (first, known, refused)] == [200, 304, 422]
        assert [said(each) for each in (first, known, refused)] == [SAID, SAID, SAID]

    async def test_stand_in_no_other_answer(self, client: httpx.AsyncClient) -> None:
        for path, status in ((SHOWS, 200), ("/api/v1/concerts", 200), ("/api/v1/nothing", 404)):
            answer = await client.get(path)
            assert (answer.status_code, said(answer)) == (status, {})


class TestDocument:
    async def test_marks_the_operation_and_its_headers(self, app: Litestar) -> None:
        api = document(app)
        old, new = api["paths"][GIGS]["get"], api["paths"][SHOWS]["get"]
        assert (old["deprecated"], "deprecated" in new) == (True, False)
        assert {"Deprecation", "Sunset"} <= old["responses"]["200"]["headers"].keys()
        assert {"Deprecation", "Sunset"} <= api["components"]["headers"].keys()
        assert api["components"]["schemas"]["Gigs"]["properties"]["total"]["deprecated"] is True

    async def test_is_read_as_such(self, app: Litestar) -> None:
        page = reference_page(document(app))
        assert page.count(">Deprecated<") == 1
        assert page.count(">deprecated<") == 1


class TestNotice:
    def test_is_a_year_at_least(self) -> None:
        with pytest.raises(ValueError, match="2027-12-01"):
            Deprecation(since=date(2026, 12, 1), sunset=date(2027, 11, 30))
