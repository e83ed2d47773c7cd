"""Problem documents (RFC 9457), and what the database's refusals become."""

import asyncio

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from apps.core.db.database import Database
from apps.core.db.errors import Conflict, InUse, refusal_of
from apps.core.errors import AppError, Busy, Invalid
from project.web.request_id import REQUEST_ID
from tests.journeys.conftest import client, server

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
TABLE = """
    CREATE TEMP TABLE shelf (id int PRIMARY KEY, pieces int CHECK (pieces > 0));
    CREATE TEMP TABLE label (shelf_id int REFERENCES shelf (id));
    INSERT INTO shelf VALUES (1, 1);
"""


class TestDocuments:
    async def test_say_what_it_is_in_the_readers_language(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/products/none", headers={"Accept-Language": "ru"})
        assert answer.json() == {
            "type": "urn:backline:problem:not-found",
            "title": "Здесь ничего нет.",
            "status": 404,
            "request_id": answer.headers["x-request-id"],
        }
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == "ru"
        assert "Accept-Language" in answer.headers["vary"]

    @pytest.mark.parametrize("path", ["/api/v1/none", "/api/", "/api/v2/products"])
    async def test_unknown_paths_have_one_too(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:backline:problem:not-found")
        assert REQUEST_ID.fullmatch(answer.json()["request_id"].encode())

    async def test_a_wrong_method_is_told_the_right_ones(self, client: httpx.AsyncClient) -> None:
        answer = await client.put("/api/v1/products")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert (await client.options("/api/v1/products")).headers["allow"] == "GET, OPTIONS"

    async def test_head_is_get_without_a_body(self, client: httpx.AsyncClient) -> None:
        for path, status in (("/api/v1/products", 200), ("/api/v1/products/none", 404)):
            answer = await client.head(path)
            assert (answer.status_code, answer.content) == (status, b"")

    async def test_pages_are_for_people(self, client: httpx.AsyncClient) -> None:
        answer = await client.delete("/shop/none")
        assert (answer.status_code, answer.headers["content-type"]) == (405, "text/html; charset=utf-8")
        assert "GET" in answer.headers["allow"]


class TestDatabase:
    @pytest.mark.parametrize(
        ("statement", "error"),
        [
            ("INSERT INTO shelf VALUES (1, 1)", Conflict),
            ("INSERT INTO shelf VALUES (2, 0)", Conflict),
            ("INSERT INTO label VALUES (7)", InUse),
            ("WITH kept AS (INSERT INTO label VALUES (1)) SELECT 99999999999::int", Invalid),
            (r"SELECT convert_from('\x00'::bytea, 'UTF8')", Invalid),
            ("SELECT no_such_column", None),
            ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", Busy),
        ],
    )
    async def test_refusals_have_a_meaning(self, db: Database, statement: str, error: type[AppError] | None) -> None:
        refused = await refusal(db, statement)
        assert (type(refused) if refused else None) is error

    async def test_a_referenced_row_is_in_use(self, db: Database) -> None:
        assert isinstance(await refusal(db, "INSERT INTO label VALUES (1); DELETE FROM shelf"), InUse)

    async def test_a_deadlock_passes(self, db: Database) -> None:
        async with db.transaction() as one, db.transaction() as other:
            await one.execute(text("SELECT pg_advisory_xact_lock(1)"))
            await other.execute(text("SELECT pg_advisory_xact_lock(2)"))
            outcomes = await asyncio.gather(
                one.execute(text("SELECT pg_advisory_xact_lock(2)")),
                other.execute(text("SELECT pg_advisory_xact_lock(1)")),
                return_exceptions=True,
            )
            (error,) = [each for each in outcomes if isinstance(each, DBAPIError)]
        assert isinstance(refusal_of(error), Busy)


async def refusal(db: Database, statements: str) -> AppError | None:
    with pytest.raises(DBAPIError) as raised:
        await run(db, f"{TABLE} {statements}")
    return refusal_of(raised.value)


async def run(db: Database, statements: str) -> None:
    async with db.transaction() as connection:
        for each in filter(str.strip, statements.split(";")):
            await connection.execute(text(each))
