"""API keys: what they open, for whom, and until when."""

from typing import Any

import httpx
import msgspec
import pytest

from apps.accounts import repositories
from apps.accounts.api_keys import authentication
from apps.accounts.api_keys.making import MOST_OF_A_USER
from apps.core.db.database import Database
from project.settings import settings
from tests.accounts.staff_member import ROLES, USERS, StaffMember, hired
from tests.journeys.conftest import serving
from tests.journeys.customer import sql
from tests.letters import was_told
from tests.queries import counting

pytestmark = pytest.mark.anyio
MINE, ALL = "/api/v1/me/api-keys", "/api/v1/staff/api-keys"
PRODUCTS, ORDERS = "/api/v1/staff/products", "/api/v1/staff/orders"
PRINTER = {"name": "Label printer", "permissions": ["products.view", "orders.view"]}
STALE = "UPDATE user_session SET proved_at = now() - interval '1 hour'"


@pytest.fixture
async def manager(client: httpx.AsyncClient, db: Database) -> StaffMember:
    return await hired(client, db, "manager", email="ada@example.org")


@pytest.fixture
async def admin(client: httpx.AsyncClient, db: Database) -> StaffMember:
    return await hired(client, db, "admin")


async def program_of(owner: StaffMember, path: str = MINE, **facts: Any) -> StaffMember:
    """A program with a new key of the owner's, or of the band."""
    made = await owner.ask("POST", path, 201, json=PRINTER | facts)
    return StaffMember(owner.client, {"Authorization": f"Bearer {made['key']}"})


async def key_ids(db: Database) -> list[str]:
    return [str(row.id) for row in await sql(db, "SELECT id FROM api_key ORDER BY id")]


class TestUse:
    async def test_opens_what_was_given_to_it_and_nothing_else(self, manager: StaffMember) -> None:
        program = await program_of(manager, permissions=["products.view"])
        await program.ask("GET", PRODUCTS, 200)
        refused = await program.ask("GET", ORDERS, 403)
        assert refused["permission"] == "orders.view"

    async def test_is_never_more_than_its_user_may_do_now(
        self, manager: StaffMember, admin: StaffMember, db: Database
    ) -> None:
        program = await program_of(manager)
        await program.ask("GET", ORDERS, 200)
        await sql(db, "UPDATE role SET permissions = permissions - 'orders.view' WHERE name = 'manager'")
        await program.ask("GET", ORDERS, 403)
        await program.ask("GET", PRODUCTS, 200)

    async def test_costs_one_query(self, manager: StaffMember, db: Database) -> None:
        program = await program_of(manager, permissions=["products.view"])
        await program.ask("GET", ORDERS, 403)
        with counting() as statements:
            await program.ask("GET", ORDERS, 403)
        assert len(statements) == 1

    async def test_its_use_is_noted_every_some_minutes(self, manager: StaffMember, db: Database) -> None:
        program = await program_of(manager)
        seen = []
        for past in ("0 minutes", "14 minutes", "16 minutes"):
            await sql(db, f"UPDATE api_key SET used_at = used_at - interval '{past}'")
            before = await sql(db, "SELECT used_at FROM api_key")
            await program.ask("GET", PRODUCTS, 200)
            seen.append(before != await sql(db, "SELECT used_at FROM api_key"))
        assert seen == [True, False, True]

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE api_key SET revoked_at = now()",
            "UPDATE api_key SET expires_at = now()",
            "UPDATE users SET disabled_at = now() WHERE email = 'ada@example.org'",
            "DELETE FROM users WHERE email = 'ada@example.org'",
        ],
    )
    async def test_opens_nothing_once_it_or_its_user_is_over(
        self, manager: StaffMember, db: Database, change: str
    ) -> None:
        program = await program_of(manager)
        await sql(db, change)
        refused = await program.ask("GET", PRODUCTS, 401)
        assert refused["type"].endswith("not-signed-in")

    async def test_another_character_is_another_key(self, manager: StaffMember) -> None:
        header = (await program_of(manager)).headers["Authorization"]
        for wrong in (header[:-1] + ("A" if header[-1] != "A" else "B"), header + "A", header[:-1]):
            await StaffMember(manager.client, {"Authorization": wrong}).ask("GET", PRODUCTS, 401)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/api/v1/me"),
            ("PUT", "/api/v1/me"),
            ("POST", "/api/v1/me/password"),
            ("GET", "/api/v1/me/sessions"),
            ("POST", "/api/v1/me/totp"),
            ("GET", MINE),
            ("POST", MINE),
        ],
    )
    async def test_is_no_way_to_the_account(self, manager: StaffMember, method: str, path: str) -> None:
        program = await program_of(manager)
        refused = await program.ask(method, path, 403, json=None if method == "GET" else PRINTER)
        assert refused["type"].endswith("session-needed")

    async def test_is_nobody_where_signing_in_is_optional(self, manager: StaffMember) -> None:
        await (await program_of(manager)).ask("GET", "/api/v1/orders/K7M2QX4N", 401)

    async def test_makes_no_other_keys(self, admin: StaffMember) -> None:
        program = await program_of(admin, ALL, permissions=["api_keys.edit", "products.view"])
        refused = await program.ask("POST", ALL, 403, json={"name": "Child", "permissions": ["products.view"]})
        assert refused["type"].endswith("session-needed")

    async def test_changes_no_way_to_sign_in(self, admin: StaffMember, manager: StaffMember, db: Database) -> None:
        codes = [each["name"] for each in (await admin.ask("GET", "/api/v1/staff/permissions", 200))["items"]]
        program = await program_of(admin, permissions=codes)
        other = await admin.find("ada@example.org")
        (mine,) = await sql(db, "SELECT user_id FROM api_key")
        await program.ask("POST", f"{other}/password", 403, json={"password": "eleven herrings in a row"})
        await program.ask("POST", f"{other}/reset-factors", 403)
        body = {"email": "mine@example.org", "name": "Staff", "locale": "en"}
        await program.change(other, body, 403)
        own = f"{USERS}/{mine.user_id}"
        await program.ask("POST", f"{own}/disable", 403)
        await program.change(own, {"roles": ["admin", "manager"]}, 403, part="/roles")

    async def test_leaves_nobody_with_permissions_when_it_is_over(self, admin: StaffMember, db: Database) -> None:
        codes = [each["name"] for each in (await admin.ask("GET", "/api/v1/staff/permissions", 200))["items"]]
        program = await program_of(admin, permissions=codes)
        new = {"email": "mine@example.org", "name": "Mine", "locale": "en"}
        refused = await program.ask("POST", USERS, 403, json=new | {"roles": ["manager"]})
        assert refused["type"].endswith("session-needed")
        await program.ask("POST", USERS, 201, json=new | {"roles": ["customer"]})
        mine = await admin.find("mine@example.org")
        await program.change(mine, {"roles": ["customer", "manager"]}, 403, part="/roles")
        role = await program.ask("POST", ROLES, 201, json={"name": "mine", "title": "Mine", "permissions": []})
        await program.change(mine, {"roles": ["customer", "mine"]}, 200, part="/roles")
        await program.change(f"{ROLES}/{role['id']}", {"title": "Mine", "permissions": ["users.view"]}, 403)
        held = "SELECT role.name FROM role JOIN user_role ON role_id = role.id JOIN users ON users.id = user_id"
        assert {name for (name,) in await sql(db, f"{held} WHERE email = 'mine@example.org'")} == {"customer", "mine"}

    async def test_the_log_says_which_it_was(self, manager: StaffMember, db: Database) -> None:
        program = await program_of(manager, permissions=["products.view", "products.edit"])
        await program.ask("POST", "/api/v1/staff/categories", 201, json={"title": "Hats"})
        (entry,) = await sql(db, "SELECT actor FROM audit_entry WHERE action LIKE 'shop.%' OR action LIKE '%category%'")
        assert [entry.actor] == [f"api_key:{id}" for id in await key_ids(db)]

    async def test_each_is_limited_by_itself(
        self, database_url: str, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = msgspec.structs.replace(settings, rate_limits="on")
        monkeypatch.setattr("apps.core.http.rate_limits.counts.settings", changed)
        async with serving(database_url), httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as client:
            admin = await hired(client, db, "admin")
            programs = [await program_of(admin, name=name, permissions=["api_keys.edit"]) for name in ("One", "Two")]
            answers = [
                await client.post(ALL, json=PRINTER, headers=each.headers) for each in programs for _ in range(2)
            ]
        left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
        assert left == ["r=9", "r=8", "r=9", "r=8"]


class TestMaking:
    async def test_is_told_once_and_kept_as_a_hash(self, manager: StaffMember, db: Database) -> None:
        made = await manager.ask("POST", MINE, 201, json=PRINTER)
        assert made["key"].startswith(made["prefix"] + "_")
        (listed,) = await manager.ask("GET", MINE, 200)
        assert listed == {name: value for name, value in made.items() if name != "key"}
        secret = made["key"].removeprefix(made["prefix"])
        for table in ("api_key", "audit_entry", "pgqueuer"):
            assert (
                await sql(db, f"SELECT 1 FROM {table} AS row WHERE strpos(row::text, :secret) > 0", secret=secret) == []
            )

    async def test_needs_a_fresh_proof(self, manager: StaffMember, admin: StaffMember, db: Database) -> None:
        await sql(db, STALE)
        for person, path in ((manager, MINE), (admin, ALL)):
            assert (await person.ask("POST", path, 403, json=PRINTER))["type"].endswith("proof-needed")

    async def test_nobody_gives_what_they_do_not_have(self, manager: StaffMember, db: Database) -> None:
        await manager.ask("POST", MINE, 403, json=PRINTER | {"permissions": ["roles.edit"]})
        await sql(db, "UPDATE role SET permissions = permissions || '[\"api_keys.edit\"]' WHERE name = 'manager'")
        await manager.ask("POST", ALL, 403, json=PRINTER | {"permissions": ["roles.edit"]})
        await manager.ask("POST", ALL, 201, json=PRINTER)

    async def test_fans_have_none(self, client: httpx.AsyncClient, db: Database) -> None:
        fan = await hired(client, db, "customer")
        await fan.ask("POST", MINE, 403, json=PRINTER)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("permissions", []),
            ("permissions", ["products.fly"]),
            ("name", ""),
            ("name", "a" * 121),
            ("expires_at", "2020-01-01T00:00:00Z"),
            ("expires_at", "9999-01-01T00:00:00Z"),
        ],
    )
    async def test_a_bad_field_is_named(self, manager: StaffMember, field: str, value: object) -> None:
        refused = await manager.ask("POST", MINE, 422, json=PRINTER | {field: value})
        assert [each["field"].partition("[")[0] for each in refused["errors"]] == [field]

    async def test_a_name_stands_for_one(self, manager: StaffMember, db: Database) -> None:
        await program_of(manager)
        await manager.ask("POST", MINE, 409, json=PRINTER)
        await manager.ask("DELETE", f"{MINE}/{(await key_ids(db))[0]}", 204)
        await program_of(manager)

    async def test_there_are_so_many_at_most(self, manager: StaffMember, db: Database) -> None:
        for number in range(MOST_OF_A_USER):
            await program_of(manager, name=f"Printer {number}")
        refused = await manager.ask("POST", MINE, 409, json=PRINTER)
        assert refused["type"].endswith("too-many-api-keys")
        await sql(db, "UPDATE api_key SET expires_at = now() WHERE name = 'Printer 3'")
        await program_of(manager)

    async def test_its_user_is_told(self, manager: StaffMember, db: Database) -> None:
        await program_of(manager)
        assert await was_told(db, "An API key was created")


class TestBand:
    async def test_has_its_own_permissions_whoever_leaves(self, admin: StaffMember, db: Database) -> None:
        program = await program_of(admin, ALL)
        await sql(db, "DELETE FROM user_role")
        await program.ask("GET", PRODUCTS, 200)
        await program.ask("GET", ROLES, 403)

    async def test_is_listed_with_those_of_people_and_anyone_is_revoked(
        self, admin: StaffMember, manager: StaffMember
    ) -> None:
        programs = [await program_of(admin, ALL), await program_of(manager)]
        theirs, band = (await admin.ask("GET", ALL, 200))["items"]
        assert (theirs["user"] is not None, band["user"]) == (True, None)
        for each, program in ((band, programs[0]), (theirs, programs[1])):
            await program.ask("GET", PRODUCTS, 200)
            assert (await admin.ask("POST", f"{ALL}/{each['id']}/revoke", 200))["revoked_at"]
            await program.ask("GET", PRODUCTS, 401)

    async def test_a_key_of_another_is_not_mine_to_revoke(
        self, admin: StaffMember, manager: StaffMember, db: Database
    ) -> None:
        program = await program_of(admin, ALL)
        await manager.ask("DELETE", f"{MINE}/{(await key_ids(db))[0]}", 404)
        await program.ask("GET", PRODUCTS, 200)


class TestRevoking:
    async def test_disabling_revokes_them_for_good(self, admin: StaffMember, manager: StaffMember) -> None:
        program, path = await program_of(manager), await admin.find("ada@example.org")
        await admin.ask("POST", f"{path}/disable", 200)
        await admin.ask("POST", f"{path}/enable", 200)
        await program.ask("GET", PRODUCTS, 401)

    async def test_a_new_password_leaves_them(self, admin: StaffMember, manager: StaffMember) -> None:
        program, path = await program_of(manager), await admin.find("ada@example.org")
        await admin.ask("POST", f"{path}/password", 200, json={"password": "eleven herrings in a row"})
        await program.ask("GET", PRODUCTS, 200)


async def test_without_a_second_factor_none_is_made_where_staff_need_one(
    manager: StaffMember, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one work that was made before."""
    program = await program_of(manager)
    for module in (repositories, authentication):
        monkeypatch.setattr(module, "settings", msgspec.structs.replace(settings, staff_second_factor="required"))
    assert (await program.ask("GET", PRODUCTS, 403))["type"].endswith("second-factor-missing")
    await manager.ask("POST", MINE, 403, json=PRINTER | {"name": "Other"})
    await sql(db, "UPDATE user_session SET has_second_factor = true")
    program = await program_of(manager, name="Other")
    await program.ask("GET", PRODUCTS, 200)
