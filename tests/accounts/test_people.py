"""Staff and other people's accounts: nobody reaches further than they may go themselves."""

import httpx
import pytest
from sqlalchemy import event, select

from apps.accounts.models import ADMIN, Role
from apps.accounts.staff_reads import UserQuery, list_users
from apps.core.db.database import Database
from tests.accounts.fan import Fan
from tests.accounts.hash_queue import open_while_queued
from tests.accounts.staff_member import ROLES, USERS, StaffMember, hired
from tests.journeys.customer import sql
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
NEW = {"email": "New@example.org", "name": "Newcomer", "locale": "en"}


@pytest.fixture
async def admin(client: httpx.AsyncClient, db: Database) -> StaffMember:
    return await hired(client, db, "admin", email="admin@example.org")


@pytest.fixture
async def clerk(client: httpx.AsyncClient, db: Database, admin: StaffMember) -> StaffMember:
    """May edit people and roles, and view products: nothing else."""
    permissions = ["users.view", "users.edit", "roles.view", "roles.edit", "products.view"]
    await admin.ask("POST", ROLES, 201, json={"name": "clerk", "title": "Clerk", "permissions": permissions})
    return await hired(client, db, "clerk", email="clerk@example.org")


class TestLists:
    async def test_people_are_found_by_how_they_begin(self, admin: StaffMember, db: Database) -> None:
        for email in ("ada@example.org", "adam@example.org", "eve_@example.org", "evex@example.org"):
            await signed_in_as(db, email=email)
        await sql(db, "UPDATE users SET name = 'Adele' WHERE email = 'evex@example.org'")
        assert await self.names(admin, q="AD") == ["ada", "adam", "admin", "evex"]
        assert await self.names(admin, q="eve_") == ["eve_"]

    async def test_people_are_found_by_role_and_state(self, admin: StaffMember, db: Database) -> None:
        await signed_in_as(db, "door", email="door@example.org")
        await sql(db, "UPDATE users SET disabled_at = now() WHERE email = 'door@example.org'")
        assert await self.names(admin, role="door") == await self.names(admin, disabled="true") == ["door"]
        assert await self.names(admin, role="admin", disabled="false") == ["admin"]

    async def test_pages_follow_each_other(self, admin: StaffMember, db: Database) -> None:
        for n in range(4):
            await signed_in_as(db, "door", "manager", email=f"b{n}@example.org")
        first = await admin.ask("GET", USERS, 200, params={"limit": 3})
        second = await admin.ask("GET", USERS, 200, params={"limit": 3, "after": first["next"]})
        assert [each["email"][:2] for each in first["items"] + second["items"]] == ["ad", "b0", "b1", "b2", "b3"]
        assert second["next"] is None
        assert second["items"][0]["roles"] == ["door", "manager"]

    async def test_a_place_in_one_list_is_none_in_another(self, admin: StaffMember, db: Database) -> None:
        await signed_in_as(db, "door")
        people = (await admin.ask("GET", USERS, 200, params={"limit": 1}))["next"]
        roles = (await admin.ask("GET", ROLES, 200, params={"limit": 1}))["next"]
        for path, query in (
            (ROLES, {"after": people}),
            (USERS, {"after": roles}),
            (USERS, {"after": people, "q": "a"}),
        ):
            answer = await admin.ask("GET", path, 422, params=query)
            assert answer["type"] == "urn:backline:problem:bad-cursor"

    async def test_a_list_is_one_query(self, db: Database) -> None:
        for _ in range(5):
            await signed_in_as(db, "door", "manager")
        statements: list[str] = []
        event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        async with db.reads() as reads:
            page = await list_users(reads, UserQuery(q="", role="door", disabled=False), limit=3, after=None)
        assert (len(page.items), len(statements)) == (3, 1)

    @staticmethod
    async def names(staff: StaffMember, **query: str) -> list[str]:
        return [each["email"].partition("@")[0] for each in (await staff.ask("GET", USERS, 200, params=query))["items"]]


class TestAdding:
    async def test_a_new_person_signs_in_once_they_have_a_password(self, admin: StaffMember) -> None:
        person = await admin.ask("POST", USERS, 201, json=NEW | {"roles": ["door"]})
        fan = Fan(admin.client, email="new@example.org")
        await fan.sign_in(status=400)
        await admin.ask("POST", f"{USERS}/{person['id']}/password", 200, json={"password": fan.password})
        await fan.sign_in()
        assert (await fan.me())["permissions"] == ["concerts.view"]

    async def test_the_same_key_adds_one_person(self, admin: StaffMember) -> None:
        headers = admin.headers | {"Idempotency-Key": "add-newcomer-once"}
        answers = [await admin.client.post(USERS, json=NEW, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert answers[0].headers["location"] == f"{USERS}/{answers[0].json()['id']}"

    async def test_an_address_has_one_account(self, admin: StaffMember) -> None:
        await admin.ask("POST", USERS, 201, json=NEW)
        await admin.ask("POST", USERS, 409, json=NEW)

    async def test_a_role_must_exist(self, admin: StaffMember) -> None:
        answer = await admin.ask("POST", USERS, 422, json=NEW | {"roles": ["door", "nobodys"]})
        assert [each["field"] for each in answer["errors"]] == ["roles[1]"]

    async def test_nobody_gives_what_they_do_not_have(self, clerk: StaffMember) -> None:
        answer = await clerk.ask("POST", USERS, 403, json=NEW | {"roles": ["manager"]})
        assert answer["type"] == "urn:backline:problem:beyond-your-permissions"


class TestChanging:
    async def test_is_written_down(self, admin: StaffMember, db: Database) -> None:
        await signed_in_as(db, email="eve@example.org")
        await admin.change(await admin.find("eve@"), {"email": "Eva@example.org", "name": "Eva", "locale": "en"})
        ((before, after),) = await sql(db, "SELECT before, after FROM audit_entry")
        assert before == {"email": "eve@example.org", "name": "Staff"}
        assert after == {"email": "eva@example.org", "name": "Eva"}

    async def test_a_stale_version_is_refused(self, admin: StaffMember, db: Database) -> None:
        await signed_in_as(db, email="eve@example.org")
        path = await admin.find("eve@")
        version, body = await admin.version(path), {"email": "eve@example.org", "name": "Eva", "locale": "en"}
        await admin.ask("PUT", path, 428, json=body)
        await admin.ask("PUT", path, 200, json=body, version=version)
        await admin.ask("PUT", path, 412, json=body, version=version)
        await admin.ask("PUT", f"{path}/roles", 412, json={"roles": []}, version=version)

    async def test_an_address_is_not_taken_from_another(self, admin: StaffMember, db: Database) -> None:
        await signed_in_as(db, email="eve@example.org")
        body = {"email": "admin@example.org", "name": "", "locale": "en"}
        assert (await admin.change(await admin.find("eve@"), body, 409))["type"].endswith("email-taken")

    @pytest.mark.parametrize("action", ["disable", "enable"])
    async def test_who_may_do_more_is_out_of_reach(self, clerk: StaffMember, db: Database, action: str) -> None:
        await signed_in_as(db, "manager", email="boss@example.org")
        path = await clerk.find("boss@")
        await clerk.change(path, {"email": "mine@example.org", "name": "", "locale": "en"}, 403)
        await clerk.change(path, {"roles": []}, 403, part="/roles")
        await clerk.ask("POST", f"{path}/password", 403, json={"password": "nine herons under the bridge"})
        await clerk.ask("POST", f"{path}/{action}", 403)

    async def test_nobody_that_is_not_there_can_be_changed(self, admin: StaffMember) -> None:
        nobody = f"{USERS}/00000000-0000-0000-0000-000000000000"
        for method, part in (("GET", ""), ("POST", "/disable"), ("POST", "/enable")):
            await admin.ask(method, nobody + part, 404)
        await admin.ask("PUT", nobody, 404, json=NEW)


class TestRolesOfPeople:
    async def test_count_from_the_next_request_on(
        self, admin: StaffMember, client: httpx.AsyncClient, db: Database
    ) -> None:
        door = await hired(client, db, "door", email="door@example.org")
        await door.ask("GET", USERS, 403)
        await admin.change(await admin.find("door@"), {"roles": ["moderator"]}, part="/roles")
        await door.ask("GET", USERS, 200)

    async def test_nobody_promotes_themselves(self, clerk: StaffMember) -> None:
        me = await clerk.find("clerk@")
        await clerk.change(me, {"roles": ["clerk", "manager"]}, 403, part="/roles")
        await clerk.change(me, {"roles": ["admin"]}, 403, part="/roles")

    async def test_the_last_admin_stays_one(self, admin: StaffMember) -> None:
        me = await admin.find("admin@")
        assert (await admin.change(me, {"roles": ["manager"]}, 409, part="/roles"))["type"].endswith("last-admin")
        await admin.ask("POST", f"{me}/disable", 409)

    async def test_an_admin_who_is_disabled_does_not_count(self, admin: StaffMember, db: Database) -> None:
        await signed_in_as(db, "admin", email="other@example.org")
        await admin.ask("POST", f"{await admin.find('other@')}/disable", 200)
        await admin.ask("POST", f"{await admin.find('admin@')}/disable", 409)

    async def test_an_admin_without_a_password_does_not_count(self, admin: StaffMember) -> None:
        other = await admin.ask("POST", USERS, 201, json=NEW | {"roles": ["admin"]})
        me = await admin.find("admin@")
        assert (await admin.ask("POST", f"{me}/disable", 409))["type"].endswith("last-admin")
        await admin.change(me, {"roles": ["manager"]}, 409, part="/roles")
        password = {"password": "nine herons under the bridge"}
        await admin.ask("POST", f"{USERS}/{other['id']}/password", 200, json=password)
        await admin.ask("POST", f"{me}/disable", 200)


class TestKeepingOut:
    async def test_who_is_disabled_is_out_at_once(self, admin: StaffMember, fan: Fan) -> None:
        path = await admin.find("fan@")
        for _ in range(2):
            assert (await admin.ask("POST", f"{path}/disable", 200))["disabled_at"]
        await fan.me(status=401)
        await fan.renew(status=400)
        await fan.sign_in(status=400)

    async def test_who_is_no_admin_waits_for_no_change_of_admins(
        self, admin: StaffMember, fan: Fan, db: Database
    ) -> None:
        path = await admin.find("fan@")
        async with db.begin() as session:
            await session.execute(select(Role).where(Role.name == ADMIN).with_for_update(key_share=True))
            await admin.ask("POST", f"{path}/disable", 200)

    async def test_who_is_enabled_again_signs_in_anew(self, admin: StaffMember, fan: Fan) -> None:
        path = await admin.find("fan@")
        await admin.ask("POST", f"{path}/disable", 200)
        for _ in range(2):
            assert (await admin.ask("POST", f"{path}/enable", 200))["disabled_at"] is None
        await fan.me(status=401)
        await fan.sign_in()

    async def test_no_transaction_waits_for_a_password_to_be_hashed(
        self, admin: StaffMember, fan: Fan, db: Database
    ) -> None:
        path = f"{await admin.find('fan@')}/password"
        setting = admin.ask("POST", path, 200, json={"password": "nine herons under the bridge"})
        registering = Fan(fan.client, email="other@example.org").register()
        for asking in (setting, registering):
            assert await open_while_queued(db, asking) == []

    async def test_a_new_password_ends_all_sessions(self, admin: StaffMember, fan: Fan) -> None:
        new = "nine herons under the bridge"
        await admin.ask("POST", f"{await admin.find('fan@')}/password", 200, json={"password": new})
        await fan.me(status=401)
        await fan.sign_in(status=400)
        await Fan(fan.client, password=new).sign_in()


class TestResettingSecondFactors:
    APP = (
        "INSERT INTO credential (id, user_id, kind, confirmed_at)"
        " SELECT gen_random_uuid(), id, 'totp', now() FROM users"
    )

    async def test_a_password_is_enough_again(self, admin: StaffMember, fan: Fan, db: Database) -> None:
        await sql(db, self.APP)
        await admin.ask("POST", f"{await admin.find('fan@')}/reset-factors", 200)
        await fan.sign_in()

    async def test_not_of_who_may_do_more(self, clerk: StaffMember, fan: Fan, db: Database) -> None:
        await signed_in_as(db, "manager", email="manager@example.org")
        await clerk.ask("POST", f"{await clerk.find('manager@')}/reset-factors", 403)
        await clerk.ask("POST", f"{await clerk.find('fan@')}/reset-factors", 200)

    async def test_their_own_need_a_fresh_proof(self, admin: StaffMember, db: Database) -> None:
        path = f"{await admin.find('admin@')}/reset-factors"
        await sql(db, "UPDATE user_session SET proved_at = now() - interval '1 hour'")
        assert (await admin.ask("POST", path, 403))["type"].endswith("proof-needed")
