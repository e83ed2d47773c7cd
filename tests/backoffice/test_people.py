"""Users and roles in the back office."""

import pytest

from apps.core.db.database import Database
from tests.accounts.hash_queue import open_while_queued
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import PASSWORD, SignIn, client_of
from tests.journeys.customer import sql
from tests.queries import counting
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
MOST_STATEMENTS = 12


async def page_of(clerk: Clerk, email: str) -> str:
    page = await clerk.visit(f"/admin/user/list?q={email}")
    return page.links[email]


async def test_a_person_is_added_and_signs_in_with_the_password_that_was_set(admin: Clerk) -> None:
    await admin.visit("/admin/user/create")
    await admin.press("Save", email="Ann@example.org", name="Ann", ticked=("manager",))
    assert "Manager" in admin.page.text
    await admin.follow("Set a password")
    await admin.press("Set a password", password="eleven herrings in a row")
    async with client_of() as client:
        ann = Clerk(client)
        await ann.sign_in("ann@example.org", "eleven herrings in a row")
        assert "Sign out" in (await ann.visit("/admin/")).text


async def test_what_is_wrong_with_a_password_is_said_at_its_field(admin: Clerk) -> None:
    await admin.visit(await page_of(admin, "admin-0@example.org"))
    await admin.follow("Set a password")
    for password, sentence in (
        ("gull#7x", "Must have at least 8 characters."),
        ("gulls over" * 13, "A password has at most 128 characters."),
        ("iloveyou2", "This password is too common: it is among the first that others try. Choose another one."),
    ):
        page = await admin.press("Set a password", status=422, password=password)
        assert page.errors == [sentence]


async def test_blanks_at_its_ends_belong_to_a_password(admin: Clerk) -> None:
    await admin.visit(await page_of(admin, "admin-0@example.org"))
    await admin.follow("Set a password")
    await admin.press("Set a password", password=" eleven herrings in a row ")
    async with client_of() as client:
        same = Clerk(client)
        await same.sign_in("admin-0@example.org", " eleven herrings in a row ")
        assert "Sign out" in (await same.visit("/admin/")).text


async def test_no_transaction_waits_for_a_password_to_be_hashed(admin: Clerk, db: Database) -> None:
    await admin.visit(await page_of(admin, "admin-0@example.org"))
    await admin.follow("Set a password")
    pressing = admin.press("Set a password", password="eleven herrings in a row")
    assert await open_while_queued(db, pressing) == []


async def test_the_trail_knows_of_no_password(admin: Clerk, db: Database) -> None:
    await admin.visit(await page_of(admin, "admin-0@example.org"))
    await admin.follow("Set a password")
    await admin.press("Set a password", password="eleven herrings in a row")
    audit_entries = await sql(db, "SELECT action, before::text || after::text FROM audit_entry")
    assert "accounts.set_password" in [action for action, _told in audit_entries]
    assert not any("herrings" in told or "argon2" in told for _action, told in audit_entries)


async def test_all_that_is_wrong_is_said_at_once(admin: Clerk) -> None:
    await admin.visit("/admin/user/create")
    page = await admin.press("Save", email="nobody", name="x" * 300, status=422)
    assert len(page.errors) == 2
    assert page.value("email") == "nobody"


async def test_an_address_belongs_to_one_person(admin: Clerk) -> None:
    await admin.visit("/admin/user/create")
    page = await admin.press("Save", email="admin-0@example.org", status=409)
    assert page.errors == ["There is an account with this email address already."]


async def test_who_is_deactivated_is_out_and_can_be_let_in_again(admin: Clerk, clerk: SignIn) -> None:
    other = await clerk("manager")
    await admin.visit(await page_of(admin, "manager-1@example.org"))
    await admin.follow("Deactivate")
    await admin.press("Deactivate")
    assert "Password" in (await other.visit("/admin/")).text
    await admin.follow("Reactivate")
    await admin.press("Reactivate")
    await other.sign_in("manager-1@example.org", PASSWORD)
    assert "Sign out" in (await other.visit("/admin/")).text


async def test_signing_somebody_out_everywhere(admin: Clerk, clerk: SignIn) -> None:
    other = await clerk("manager")
    await admin.visit(await page_of(admin, "manager-1@example.org"))
    await admin.follow("Sign out everywhere")
    await admin.press("Sign out everywhere")
    assert "Password" in (await other.visit("/admin/")).text


async def test_the_last_administrator_stays(admin: Clerk) -> None:
    await admin.visit(await page_of(admin, "admin-0@example.org"))
    await admin.follow("Deactivate")
    page = await admin.press("Deactivate", status=409)
    assert "last administrator" in page.text


async def test_a_manager_may_look_but_makes_nobody_an_administrator(manager: Clerk, db: Database) -> None:
    await sql(
        db, "UPDATE role SET permissions = permissions || '[\"users.view\", \"users.edit\"]' WHERE name = 'manager'"
    )
    await manager.visit("/admin/user/create")
    page = await manager.press("Save", email="ann@example.org", ticked=("admin",), status=403)
    assert "permissions that you do not have yourself" in page.text


async def test_a_role_is_made_changed_and_deleted(admin: Clerk, db: Database) -> None:
    await admin.visit("/admin/role/create")
    await admin.press("Save", name="merch-table", title="Merch table", ticked=("stock.view", "stock.move"))
    await admin.follow("Edit")
    page = await admin.press("Save", title="The table")
    assert "See stock and its movements stock.view" in page.text
    await admin.follow("Delete")
    page = await admin.press("Delete")
    assert "Deleted." in page.text
    assert "The table" not in page.text


async def test_what_somebody_saved_meanwhile_is_shown_and_not_overwritten(admin: Clerk, db: Database) -> None:
    page = await admin.visit(await page_of(admin, "admin-0@example.org"))
    await admin.follow("Edit")
    await sql(db, "UPDATE users SET name = 'Somebody else' WHERE email = 'admin-0@example.org'")
    page = await admin.press("Save", name="Mine", status=412)
    assert "Somebody else" in page.text
    assert page.value("name") == "Mine"
    page = await admin.press("Save")
    assert "Mine" in page.text


async def test_roles_that_nobody_touched_are_no_difference(admin: Clerk, db: Database) -> None:
    await signed_in_as(db, "door", "moderator", email="ann@example.org")
    await admin.visit(await page_of(admin, "ann@example.org"))
    await admin.follow("Edit")
    await sql(db, "UPDATE users SET name = 'Somebody else' WHERE email = 'ann@example.org'")
    page = await admin.press("Save", name="Mine", status=412)
    assert "Somebody else" in page.text
    assert "moderator" not in page.text


async def test_the_second_click_adds_nobody_twice(admin: Clerk, db: Database) -> None:
    page = await admin.visit("/admin/role/create")
    form, _button = page.form_with("Save")
    data = {**dict(form.fields), "name": "twice", "title": "Twice"}
    places = {(await admin.client.post(form.action, data=data)).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert await sql(db, "SELECT count(*) FROM role WHERE name = 'twice'") == [(1,)]


@pytest.mark.parametrize("path", ["/admin/user/list", "/admin/role/list", "/admin/audit-entry/list"])
async def test_a_list_asks_the_same_however_long_it_is(admin: Clerk, db: Database, path: str) -> None:
    await admin.visit(path)
    with counting() as few:
        await admin.visit(path)
    for _ in range(12):
        await signed_in_as(db, "manager", "door")
        await sql(db, "INSERT INTO role (id, name, title) SELECT gen_random_uuid(), gen_random_uuid()::text, 'x'")
    with counting() as many:
        await admin.visit(path)
    assert len(many) == len(few) < MOST_STATEMENTS


async def test_permissions_are_told_in_the_readers_words(admin: Clerk) -> None:
    page = await admin.visit("/admin/role/create?lang=ru")
    assert "Заказы" in page.text
    assert "Возвращать деньги за заказы orders.refund" in page.text


async def test_roles_that_came_with_it_are_called_in_the_readers_language(admin: Clerk, db: Database) -> None:
    await sql(db, "UPDATE role SET title = 'Merch desk' WHERE name = 'moderator'")
    for path in ("/admin/role/list", "/admin/user/create"):
        page = await admin.visit(f"{path}?lang=ru")
        assert "Менеджер" in page.text
        assert "Merch desk" in page.text
    assert "Роли: Администратор" in (await admin.visit("/admin/own")).text


async def test_staff_see_what_they_may_do(manager: Clerk, admin: Clerk) -> None:
    page = await manager.visit("/admin/own")
    assert "Refund orders orders.refund" in page.text
    assert "Roles: Manager" in page.text
    assert "roles.edit" not in page.text
    assert "Refund orders orders.refund" in (await admin.visit(await page_of(admin, "manager-0@example.org"))).text
