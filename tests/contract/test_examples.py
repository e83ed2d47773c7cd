"""Every example of the document can be sent as it stands: what is refused is refused for what it asks for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from apps.concerts.models import Concert, ConcertState, Venue
from apps.core.db.database import Database
from apps.inventory.models import Pool
from apps.shop.models import Product
from project.web.openapi.components import resolved
from project.web.openapi.samples import BY_FORMAT
from tests.conformance import api
from tests.journeys.conftest import client, server
from tests.staff import signed_in_as

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
WRITTEN_WRONGLY = {"bad-request", "invalid", "too-large", "unsupported-media-type"}
ENDS_THE_SESSION = ("/api/v1/auth/logout", "/api/v1/auth/logout-everywhere")
CREATED = {
    f"/api/v1/staff/{path}" for path in ("categories", "products", "pools", "concerts", "tours", "venues", "roles")
}


@pytest.fixture
async def things(db: Database) -> None:
    """What the examples name by id."""
    id = UUID(BY_FORMAT["uuid"])
    async with db.begin() as session:
        session.add(Venue(id=id, name="Knust", city="Hamburg", country="Germany", time_zone="Europe/Berlin"))
        session.add(Pool(id=id, name="Hall", capacity=500))
        session.add(Product(id=id, slug="cap", title="Cap", option_names=["Size"]))
        await session.flush()
        concert = Concert(id=id, slug="live", title="Live", venue_id=id, state=ConcertState.draft)
        concert.starts_at = datetime(2099, 5, 21, tzinfo=UTC)
        session.add(concert)


def requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and the rest, as httpx takes them."""
    for path, item in api()["paths"].items():
        for method in {"post", "put", "patch", "delete"} & item.keys():
            if path not in ENDS_THE_SESSION and not _takes_file(item[method]):
                yield _request(method, path, item[method])


def _takes_file(operation: dict[str, Any]) -> bool:
    """There are no examples of files."""
    return any("example" not in content for content in operation.get("requestBody", {}).get("content", {}).values())


def _request(method: str, path: str, operation: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    given = {place: _examples(operation, place) for place in ("path", "query", "header")}
    sent: dict[str, Any] = {"params": given["query"], "headers": given["header"]}
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        sent["json" if media_type == "application/json" else "data"] = content["example"]
    return method, path.format(**given["path"]), sent


def _examples(operation: dict[str, Any], place: str) -> dict[str, str]:
    return {
        each["name"]: each["example"]
        for each in (resolved(api(), given) for given in operation["parameters"])
        if each["in"] == place and "example" in each
    }


@pytest.mark.parametrize("role", ["admin", "fan"])
async def test_they_are_understood(role: str, things: None, client: httpx.AsyncClient, db: Database) -> None:
    person = await signed_in_as(db, *([role] if role == "admin" else []))
    answers = {}
    for method, path, sent in requests():
        answer = await client.request(method, path, **{**sent, "headers": sent["headers"] | person})
        answers[f"{method} {path}"] = answer.status_code
        refused = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
        assert refused not in WRITTEN_WRONGLY, f"{method} {path}: {answer.text}"
    if role == "admin":
        assert {answers[f"post {path}"] for path in CREATED} == {201}
