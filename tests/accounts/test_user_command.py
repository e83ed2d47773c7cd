"""manage.py user: what operators do with accounts."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from click.testing import CliRunner, Result

from apps.accounts import commands
from apps.core.db.database import Database
from project import database
from tests.accounts.fan import PASSWORD, Fan
from tests.accounts.staff_member import StaffMember, hired
from tests.journeys.customer import sql
from tests.letters import was_told

pytestmark = pytest.mark.anyio
BOSS = "boss@example.org"
Run = Callable[..., "asyncio.Future[Result]"]


@pytest.fixture
def user(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(database, "ensure_database", lambda: database_url)

    def run(*arguments: str, typed: str = "") -> "asyncio.Future[Result]":
        return asyncio.ensure_future(asyncio.to_thread(CliRunner().invoke, commands.user, arguments, input=typed))

    return run


@pytest.fixture
async def boss(client: httpx.AsyncClient, db: Database) -> StaffMember:
    return await hired(client, db, "manager", email=BOSS)


async def facts(user: Run) -> dict[str, str]:
    lines = (await user("show", BOSS)).output.splitlines()
    return {title: value.strip() for title, _colon, value in (line.partition(":") for line in lines)}


async def add_app(db: Database) -> None:
    await sql(
        db,
        "INSERT INTO credential (id, user_id, kind, confirmed_at)"
        " SELECT gen_random_uuid(), id, 'totp', now() FROM users",
    )


async def test_create_is_create_user(client: httpx.AsyncClient, user: Run, db: Database) -> None:
    done = await user("create", BOSS, "--role", "door", typed=f"{PASSWORD}\n")
    assert (done.exit_code, done.output) == (0, f"{BOSS} can sign in now.\n")
    await Fan(client, email=BOSS).sign_in()
    assert await sql(db, "SELECT action, actor FROM audit_entry") == [("accounts.create_user", "manage.py")]


async def test_a_role_is_asked_for_at_a_terminal(user: Run, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "at_terminal", lambda: True)
    done = await user("create", BOSS, typed=f"door\n{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    done = await user("create", "fan@example.org", typed=f"\n{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    having = "SELECT email, role.name FROM users JOIN user_role ON user_id = users.id JOIN role ON role.id = role_id"
    assert await sql(db, having + " ORDER BY email") == [(BOSS, "door"), ("fan@example.org", "customer")]


async def test_show_tells_how_somebody_signs_in(user: Run, boss: StaffMember, db: Database) -> None:
    await add_app(db)
    await boss.ask("POST", "/api/v1/me/api-keys", 201, json={"name": "Printer", "permissions": ["orders.view"]})
    told = await facts(user)
    assert told["Roles"] == "manager"
    assert told["Signs in with"] == "password, authenticator app"
    assert (told["Active sessions"], told["API keys"]) == ("1", "1")
    assert (told["Email confirmed"], told["Deactivated"], told["News by email"]) == ("no", "no", "no")
    assert told["Last sign-in"].endswith("UTC, Tests, 127.0.0.1")


async def test_deactivated_they_are_out_until_reactivated(
    user: Run, boss: StaffMember, client: httpx.AsyncClient
) -> None:
    assert (await user("deactivate", BOSS)).output == f"{BOSS} is deactivated.\n"
    await boss.ask("GET", "/api/v1/me", 401)
    await Fan(client, email=BOSS).sign_in(status=400)
    assert (await facts(user))["Deactivated"].endswith("UTC")
    assert (await user("reactivate", BOSS)).output == f"{BOSS} can sign in again.\n"
    await Fan(client, email=BOSS).sign_in()


async def test_sessions_end(user: Run, boss: StaffMember) -> None:
    assert (await user("end-sessions", BOSS)).exit_code == 0
    await boss.ask("GET", "/api/v1/me", 401)


async def test_second_factors_are_reset_and_their_user_is_told(user: Run, boss: StaffMember, db: Database) -> None:
    await add_app(db)
    assert (await user("reset-factors", BOSS)).exit_code == 0
    assert (await facts(user))["Signs in with"] == "password"
    assert await was_told(db, "were reset")


async def test_an_administrator_keeps_what_they_were(user: Run, boss: StaffMember) -> None:
    assert (await user("make-admin", BOSS)).output == f"{BOSS} is an administrator.\n"
    assert (await facts(user))["Roles"] == "admin, manager"
    assert "roles.edit" in (await boss.ask("GET", "/api/v1/me", 200))["permissions"]


async def test_who_has_no_second_factor_is_told_of_none(user: Run, boss: StaffMember, db: Database) -> None:
    assert (await user("reset-factors", BOSS)).output == f"{BOSS} has no second factor any more.\n"
    assert await sql(db, "SELECT action FROM audit_entry") == []


async def test_each_change_is_in_the_log(user: Run, boss: StaffMember, db: Database) -> None:
    await add_app(db)
    for command in ("make-admin", "reset-factors", "end-sessions"):
        await user(command, BOSS)
    assert await sql(db, "SELECT action, actor FROM audit_entry ORDER BY id") == [
        ("accounts.give_roles", "manage.py"),
        ("accounts.reset_second_factors", "manage.py"),
        ("accounts.end_sessions", "manage.py"),
    ]


async def test_the_last_administrator_stays(user: Run, boss: StaffMember) -> None:
    await user("make-admin", BOSS)
    refused = await user("deactivate", BOSS)
    assert (refused.exit_code, refused.output) == (1, "This is the last administrator who can sign in.\n")


@pytest.mark.parametrize("command", ["show", "deactivate", "reactivate", "end-sessions", "reset-factors", "make-admin"])
async def test_nobody_is_told_in_one_sentence(user: Run, db: Database, command: str) -> None:
    refused = await user(command, "nobody@example.org")
    assert (refused.exit_code, refused.output) == (1, "There is no user with the address nobody@example.org.\n")
    assert "is not an email address" in (await user(command, "nobody")).output
