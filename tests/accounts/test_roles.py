"""Roles: made of permissions that exist, by who has them."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.accounts.staff_member import ROLES, StaffMember, hired
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
PERMISSIONS = "/api/v1/staff/permissions"
MERCH = {"name": "merch", "title": "Merch table", "permissions": ["products.view"]}
CLERK = {"name": "clerk", "title": "Clerk", "permissions": ["roles.view", "roles.edit", "products.view"]}


@pytest.fixture
async def admin(client: httpx.AsyncClient, db: Database) -> StaffMember:
    return await hired(client, db, "admin")


@pytest.fixture
async def clerk(client: httpx.AsyncClient, db: Database, admin: StaffMember) -> StaffMember:
    await admin.ask("POST", ROLES, 201, json=CLERK)
    return await hired(client, db, "clerk")


@pytest.mark.parametrize(
    ("language", "title", "about"), [("en", "Refund orders", "Orders"), ("ru", "Возвращать деньги за заказы", "Заказы")]
)
async def test_every_permission_is_listed_in_words(admin: StaffMember, language: str, title: str, about: str) -> None:
    listed = (await admin.ask("GET", PERMISSIONS, 200, params={"lang": language}))["items"]
    assert {"name": "orders.refund", "title": title, "about": about} in listed


async def test_the_administrators_have_them_all(admin: StaffMember) -> None:
    listed = (await admin.ask("GET", PERMISSIONS, 200))["items"]
    assert (await admin.ask("GET", await admin.role("admin"), 200))["permissions"] == [each["name"] for each in listed]


async def test_a_role_counts_at_once_for_who_has_it(admin: StaffMember, clerk: StaffMember) -> None:
    permissions = [*CLERK["permissions"], "users.view"]
    await clerk.ask("GET", "/api/v1/staff/users", 403)
    await admin.change(await admin.role("clerk"), {"title": "Clerk", "permissions": permissions})
    await clerk.ask("GET", "/api/v1/staff/users", 200)


async def test_permissions_are_kept_once_and_in_order(admin: StaffMember) -> None:
    made = await admin.ask(
        "POST", ROLES, 201, json=MERCH | {"permissions": ["stock.view", "orders.view", "stock.view"]}
    )
    assert made["permissions"] == ["orders.view", "stock.view"]


async def test_a_name_is_taken_once(admin: StaffMember) -> None:
    await admin.ask("POST", ROLES, 201, json=MERCH)
    assert (await admin.ask("POST", ROLES, 409, json=MERCH))["type"].endswith("role-exists")


@pytest.mark.parametrize(
    ("field", "value"), [("permissions", ["products.fly"]), ("name", "Merch Table"), ("title", ""), ("built_in", True)]
)
async def test_a_bad_field_is_named(admin: StaffMember, field: str, value: object) -> None:
    answer = await admin.ask("POST", ROLES, 422, json=MERCH | {field: value})
    assert [each["field"].partition("[")[0] for each in answer["errors"]] == [field]


async def test_nobody_makes_a_role_of_what_they_do_not_have(clerk: StaffMember) -> None:
    await clerk.ask("POST", ROLES, 201, json=MERCH)
    await clerk.ask("POST", ROLES, 403, json=MERCH | {"name": "boss", "permissions": ["orders.refund"]})


async def test_nobody_changes_a_role_beyond_their_own(clerk: StaffMember) -> None:
    role = {"title": "Mine", "permissions": ["products.view"]}
    await clerk.change(await clerk.role("manager"), role, 403)
    await clerk.change(await clerk.role("clerk"), {"title": "Clerk", "permissions": ["orders.refund"]}, 403)
    await clerk.change(await clerk.role("clerk"), role)


async def test_the_administrators_role_stays_as_it_is(admin: StaffMember) -> None:
    path = await admin.role("admin")
    assert (await admin.change(path, {"title": "Me", "permissions": []}, 409))["type"].endswith("role-built-in")
    await admin.ask("DELETE", path, 409, version=await admin.version(path))


async def test_what_everybody_has_allows_nothing(admin: StaffMember) -> None:
    path = await admin.role("customer")
    refused = await admin.change(path, {"title": "Customer", "permissions": ["orders.view"]}, 422)
    assert [each["field"] for each in refused["errors"]] == ["permissions"]
    assert (await admin.change(path, {"title": "Fan", "permissions": []}))["title"] == "Fan"


async def test_only_a_role_that_nobody_has_is_deleted(admin: StaffMember, clerk: StaffMember, db: Database) -> None:
    path = await admin.role("clerk")
    version = await admin.version(path)
    assert (await admin.ask("DELETE", path, 409, version=version))["type"].endswith("role-in-use")
    await sql(db, "DELETE FROM user_role USING role WHERE role.id = role_id AND role.name = 'clerk'")
    await admin.ask("DELETE", path, 428)
    await admin.ask("DELETE", path, 204, version=version)
    await admin.ask("GET", path, 404)


async def test_what_is_done_to_roles_is_written_down(admin: StaffMember, db: Database) -> None:
    await admin.ask("POST", ROLES, 201, json=MERCH)
    await admin.change(await admin.role("merch"), {"title": "Merch", "permissions": []})
    path = await admin.role("merch")
    await admin.ask("DELETE", path, 204, version=await admin.version(path))
    actions = await sql(db, "SELECT action FROM audit_entry ORDER BY id")
    assert actions == [("accounts.create_role",), ("accounts.change_role",), ("accounts.delete_role",)]
