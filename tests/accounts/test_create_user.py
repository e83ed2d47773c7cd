"""manage.py create-user, and the people of the demo."""

import asyncio
from collections.abc import Callable

import httpx
import msgspec
import pytest
from click.testing import CliRunner, Result

from apps.accounts import commands
from apps.core.db.database import Database
from project import database
from project.demo.people import PASSWORD as DEMO_PASSWORD
from project.demo.people import load_people
from project.settings import Environment, Settings, settings
from tests.accounts.fan import PASSWORD, Fan
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
DEMO = msgspec.structs.replace(settings, environment=Environment.demo, database_url="")


@pytest.fixture
def create_user(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., "asyncio.Future[Result]"]:
    monkeypatch.setattr(database, "ensure_database", lambda: database_url)

    def run(*arguments: str, typed: str | bytes = PASSWORD) -> "asyncio.Future[Result]":
        invoke, line = CliRunner().invoke, typed if isinstance(typed, bytes) else f"{typed}\n"
        return asyncio.ensure_future(asyncio.to_thread(invoke, commands.create_user_command, arguments, input=line))

    return run


class TestCreateUser:
    async def test_who_is_made_signs_in_with_their_roles(self, client: httpx.AsyncClient, create_user) -> None:
        done = await create_user("Boss@example.org", "--role", "admin", "--role", "door")
        assert (done.exit_code, done.output) == (0, "boss@example.org can sign in now.\n")
        fan = Fan(client, email="boss@example.org")
        await fan.sign_in()
        assert "roles.edit" in (await fan.me())["permissions"]

    @pytest.mark.parametrize(
        ("arguments", "typed", "sentence"),
        [
            (["boss@example.org"], "short", "A password has 8 to 128 characters."),
            (["boss@example.org"], "boss@example.org", "This password is made of your name or address"),
            (["boss@example.org"], "qwerty12345", "This password is too common"),
            (["boss@example.org"], "a" * 129, "A password has at most 128 characters."),
            (["boss@example.org", "--role", "nobodys"], PASSWORD, "There is no such role."),
            (["boss@example.org", "--name", "a" * 201], PASSWORD, "A name has at most 200 characters, on one line."),
            (["boss"], PASSWORD, "boss is not an email address"),
        ],
    )
    async def test_what_is_wrong_is_said(
        self, create_user, db: Database, arguments: list[str], typed: str, sentence: str
    ) -> None:
        done = await create_user(*arguments, typed=typed)
        assert done.exit_code != 0
        assert sentence in done.output
        assert await sql(db, "SELECT * FROM users") == []

    async def test_what_is_no_text_is_no_password(self, create_user) -> None:
        done = await create_user("boss@example.org", typed=b"seven gulls \xff over the harbour")
        assert (done.exit_code, done.output) == (1, "A password is text in UTF-8.\n")

    async def test_an_address_has_one_account(self, create_user) -> None:
        await create_user("boss@example.org")
        assert "already" in (await create_user("boss@example.org")).output


class TestDemo:
    async def test_its_staff_sign_in(self, client: httpx.AsyncClient, db: Database) -> None:
        for _ in range(2):
            assert DEMO_PASSWORD in await load_people(db, of=DEMO)
        fan = Fan(client, email="manager@example.org", password=DEMO_PASSWORD)
        await fan.sign_in()
        assert "orders.refund" in (await fan.me())["permissions"]

    @pytest.mark.parametrize(
        "of",
        [
            msgspec.structs.replace(DEMO, environment=Environment.development),
            msgspec.structs.replace(DEMO, environment=Environment.production, webhook_loopback="off"),
            msgspec.structs.replace(DEMO, database_url="postgresql+asyncpg://somebody@example.org/theirs"),
        ],
    )
    async def test_they_are_nowhere_else(self, db: Database, of: Settings) -> None:
        assert await load_people(db, of=of) == ""
        assert await sql(db, "SELECT * FROM users") == []
