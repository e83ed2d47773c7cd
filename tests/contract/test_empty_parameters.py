"""An optional text that is empty is as good as not given: templates of addresses send it so."""

import httpx
import pytest

from apps.core.db.database import Database
from project.web.openapi.components import resolved
from tests.conformance import api
from tests.journeys.conftest import client, server
from tests.staff import signed_in_as

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
NAMES = ("after", "category", "city", "country", "currency", "near", "q", "role", "tour")


def lists() -> dict[str, list[str]]:
    """By path: what may be sent empty."""
    found = {}
    for path, item in api()["paths"].items():
        parameters = item["get"]["parameters"] if "get" in item and "{" not in path else []
        texts = [each["name"] for each in (resolved(api(), given) for given in parameters) if _is_text(each)]
        if texts:
            found[path] = texts
    return found


def _is_text(parameter: dict) -> bool:
    return parameter["in"] == "query" and parameter["name"] in NAMES and "format" not in parameter["schema"]


async def test_every_list_begins_at_its_beginning(client: httpx.AsyncClient, db: Database) -> None:
    headers = await signed_in_as(db, "admin")
    found = lists()
    assert len(found) > 10
    for path, names in found.items():
        whole = await client.get(path, headers=headers)
        for name in names:
            answer = await client.get(path, params={name: ""}, headers=headers)
            assert (answer.status_code, answer.json()) == (200, whole.json()), f"{path}?{name}="
