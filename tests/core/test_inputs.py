"""What a handler reads is known from its signature, that of its dependencies included, and all of it is looked at."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from litestar import Litestar, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from msgspec import Meta, Struct

from apps.core.http.inputs import StrictRequest, refuse_misread
from project.web.errors import handle

pytestmark = pytest.mark.anyio
Page = Annotated[int, QueryParameter(name="page", ge=1, le=9)]
Token = Annotated[str, HeaderParameter(name="Token", max_length=5)]


class Thing(Struct, forbid_unknown_fields=True):
    pieces: Annotated[int, Meta(ge=1)]

    def __post_init__(self) -> None:
        if self.pieces == 13:
            raise ValueError


async def provide_page(page: Page, token: Token) -> int:
    return page


@post("/api/things/{name:str}", dependencies={"dependency": Provide(provide_page)})
async def make(name: FromPath[str], data: JSONBody[Thing], dependency: NamedDependency[int]) -> dict[str, int]:
    return {"page": dependency, "pieces": data.pieces}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [make],
        request_class=StrictRequest,
        before_request=refuse_misread,
        exception_handlers={Exception: handle},
        openapi_config=None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


async def wrong(client: httpx.AsyncClient, query: str, body: object, **headers: str) -> set[str]:
    answer = await client.post(f"/api/things/a?{query}", json=body, headers=headers)
    assert answer.status_code == 422
    return {each["field"] for each in answer.json()["errors"]}


async def test_what_is_right_arrives(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/things/a?page=2&lang=en", json={"pieces": 3}, headers={"Token": "t"})
    assert answer.json() == {"page": 2, "pieces": 3}


async def test_what_is_missing_is_named_wherever_it_should_be(client: httpx.AsyncClient) -> None:
    assert await wrong(client, "", {}) == {"page", "Token", "pieces"}
    assert await wrong(client, "", {"pieces": 1}) == {"page", "Token"}
    assert await wrong(client, "page=1", {"pieces": 1}) == {"Token"}


async def test_body_and_parameters_are_told_of_together(client: httpx.AsyncClient) -> None:
    assert await wrong(client, "page=1.0&x=1", {"pieces": 0, "y": 1}, Token="too long") == {
        "page",
        "x",
        "Token",
        "pieces",
        "y",
    }


async def test_a_missing_body_is_told_of_too(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/things/a?page=1", headers={"Token": "t"})
    assert answer.json()["errors"] == [{"field": "", "message": "This is required."}]
    answer = await client.post("/api/things/a?page=0", headers={"Token": "t"})
    assert [each["field"] for each in answer.json()["errors"]] == ["page", ""]


async def test_a_rule_that_stands_on_no_field_is_told_of(client: httpx.AsyncClient) -> None:
    assert await wrong(client, "page=1", {"pieces": 13}, Token="t") == {""}
