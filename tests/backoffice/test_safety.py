"""The back office's door and walls: who gets in, from where, and what no request can do."""

import pytest
from sqladmin import ModelView
from sqladmin.authorization import Action

from apps.core.db import Database
from apps.shop.admin import CategoryAdmin
from apps.shop.models import Category
from apps.shop.permissions import ShopPermission
from project import registry
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn, client_of
from tests.journeys.buyer import sql

pytestmark = pytest.mark.anyio
NOBODY = "00000000-0000-0000-0000-000000000000"
CATEGORIES = "/admin/category/list"


@pytest.fixture
async def hats(db: Database) -> Category:
    return await made(db, "Hats")


async def made(db: Database, title: str) -> Category:
    async with db.begin() as session:
        category = Category(title=title, slug=title.lower().replace(" ", "-"))
        session.add(category)
    return category


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": ""},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
        ],
    )
    async def test_a_form_of_another_site_changes_nothing(
        self, manager: Clerk, hats: Category, headers: dict[str, str]
    ) -> None:
        page = await manager.visit(f"/admin/category/do/archive?pks={hats.id}")
        form, _button = page.form_with("Archive")
        answer = await manager.client.post(form.action, data=dict(form.fields), headers=headers)
        assert answer.status_code == 403
        assert (await manager.visit(CATEGORIES)).text.count("Hats")

    async def test_a_form_made_for_another_session_changes_nothing(
        self, manager: Clerk, admin: Clerk, hats: Category
    ) -> None:
        page = await admin.visit(f"/admin/category/do/archive?pks={hats.id}")
        form, _button = page.form_with("Archive")
        answer = await manager.client.post(form.action, data=dict(form.fields))
        assert answer.status_code == 403

    async def test_every_form_needs_its_token(self, admin: Clerk, hats: Category) -> None:
        doors = ["/admin/logout"]
        for view in registry.admin_views():
            doors += [f"/admin/{view.identity}/do/{verb.name}" for verb in view.verbs]
            doors += [f"/admin/{view.identity}/create"] if Action.CREATE in view.permissions else []
        doors += [f"/admin/category/edit/{hats.id}"]
        answers = {door: (await admin.client.post(door, data={"pks": NOBODY})).status_code for door in doors}
        assert answers == dict.fromkeys(doors, 403)

    async def test_another_host_is_not_answered(self, manager: Clerk) -> None:
        answer = await manager.client.get("/admin/login", headers={"Host": "evil.example"})
        assert answer.status_code == 400


class TestSession:
    async def test_the_cookie_is_for_this_place_only_and_out_of_scripts_reach(
        self, db: Database, clerk: SignIn
    ) -> None:
        await clerk("manager")
        answer = await client_of().post(
            "/admin/login", data={"email": "manager-0@example.org", "password": "seven gulls over the harbour"}
        )
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/admin" in cookie

    async def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(self, manager: Clerk) -> None:
        copy = dict(manager.client.cookies)
        await manager.visit(CATEGORIES)
        await manager.press("Sign out")
        async with client_of() as thief:
            thief.cookies.update(copy)
            assert (await thief.get(CATEGORIES)).headers["location"].startswith("/admin/login")

    async def test_each_sign_in_makes_a_new_id(self, manager: Clerk) -> None:
        first = manager.client.cookies["backoffice"]
        await manager.sign_in("manager-0@example.org", "seven gulls over the harbour")
        assert manager.client.cookies["backoffice"] != first

    async def test_an_id_that_the_browser_brings_is_not_taken(self, clerk: SignIn) -> None:
        await clerk("manager")
        async with client_of() as victim:
            victim.cookies.set("backoffice", "chosen-by-another", path="/admin")
            form = {"email": "manager-0@example.org", "password": "seven gulls over the harbour"}
            answer = await victim.post("/admin/login", data=form)
            assert "chosen-by-another" not in answer.headers["set-cookie"]

    async def test_the_database_has_only_a_hash_of_it(self, manager: Clerk, db: Database) -> None:
        cookie = manager.client.cookies["backoffice"].encode()
        assert (cookie,) not in await sql(db, "SELECT token_hash FROM user_session")

    async def test_the_cookie_is_no_refresh_token(self, manager: Clerk) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": manager.client.cookies["backoffice"]}
        assert (await manager.client.post("/api/v1/auth/token", data=form)).status_code == 400

    async def test_who_is_disabled_is_out_at_once(self, manager: Clerk, db: Database) -> None:
        await sql(db, "UPDATE users SET disabled_at = now() RETURNING 1")
        assert "Sign in" in (await manager.visit(CATEGORIES)).text

    async def test_who_has_no_permission_does_not_get_in(self, clerk: SignIn) -> None:
        fan = await clerk("customer")
        page = await fan.visit("/admin/")
        page = await fan.press(
            "Sign in", email="customer-0@example.org", password="seven gulls over the harbour", status=403
        )
        assert "no access" in page.text

    async def test_a_wrong_password_says_no_more_than_that(self, clerk: SignIn) -> None:
        browser = await clerk("manager")
        browser.client.cookies.clear()
        await browser.visit("/admin/login")
        known = await browser.press(
            "Sign in", email="manager-0@example.org", password="wrong and long enough", status=400
        )
        await browser.visit("/admin/login")
        unknown = await browser.press(
            "Sign in", email="nobody@example.org", password="wrong and long enough", status=400
        )
        assert known.text == unknown.text

    @pytest.mark.parametrize(
        "place", ["https://evil.example/", "//evil.example", "/\\evil.example", "/admin\\x", "/shop"]
    )
    async def test_signing_in_leads_nowhere_else(self, clerk: SignIn, place: str) -> None:
        browser = await clerk("manager")
        form = {"email": "manager-0@example.org", "password": "seven gulls over the harbour", "next": place}
        assert (await browser.client.post("/admin/login", data=form)).headers["location"] == "/admin/"


class TestPermissions:
    async def test_what_one_may_not_see_is_not_there(self, clerk: SignIn, hats: Category) -> None:
        door = await clerk("door")
        paths = ["list", f"details/{hats.id}", "create", f"edit/{hats.id}", "lookup?q=h", "export/csv"]
        answers = [(await door.client.get(f"/admin/category/{path}")).status_code for path in paths]
        assert answers == [404] * len(paths) or answers == [303] * len(paths)

    async def test_a_change_of_roles_counts_on_the_next_request(self, manager: Clerk, db: Database) -> None:
        await manager.visit(CATEGORIES)
        await sql(db, "UPDATE role SET permissions = '[\"stock.view\"]' WHERE name = 'manager' RETURNING 1")
        await manager.visit(CATEGORIES, status=404)

    async def test_looking_is_not_changing(self, manager: Clerk, db: Database, hats: Category) -> None:
        await sql(db, "UPDATE role SET permissions = '[\"products.view\"]' WHERE name = 'manager' RETURNING 1")
        page = await manager.visit(f"/admin/category/details/{hats.id}")
        assert "Archive" not in page.links
        assert "Change" not in page.links
        for path in ["create", f"edit/{hats.id}", f"do/archive?pks={hats.id}", "export/csv"]:
            await manager.visit(f"/admin/category/{path}", status=403)

    def test_every_view_says_who_may_look_at_it(self) -> None:
        assert [view.identity for view in registry.admin_views() if Action.LIST not in view.permissions] == []


class TestWalls:
    @pytest.mark.parametrize("pk", ["zzz", "99999999999999999999", "%2e%2e", NOBODY, "1,2", "'"])
    async def test_ids_that_are_none_are_not_found(self, manager: Clerk, pk: str) -> None:
        for path in (f"details/{pk}", f"edit/{pk}", f"do/archive?pks={pk}"):
            await manager.visit(f"/admin/category/{path}", status=404)

    async def test_the_library_s_own_doors_are_walled_up(self, admin: Clerk, hats: Category) -> None:
        for path in (
            f"category/{hats.id}/slug/download/",
            f"category/{hats.id}/slug/preview/",
            "category/ajax/lookup?name=x&term=y",
            "statics/js/jquery.min.js",
            "category/action/archive",
            "category/export/json",
        ):
            await admin.visit(f"/admin/{path}", status=404)
        assert (await admin.client.request("DELETE", f"/admin/category/delete?pks={hats.id}")).status_code == 404
        assert (await admin.client.get("/admin/logout")).status_code == 405

    @pytest.mark.parametrize("path", ["/admin-stats", "/administration", "/adminx/3"])
    async def test_what_only_begins_like_it_is_not_the_back_office(self, manager: Clerk, path: str) -> None:
        assert "Back office" not in (await manager.visit(path, status=404)).text

    async def test_the_log_has_the_whole_path(self, manager: Clerk, capfd: pytest.CaptureFixture[str]) -> None:
        await manager.visit(CATEGORIES)
        assert f"path={CATEGORIES} " in capfd.readouterr().err

    async def test_looking_changes_nothing(self, admin: Clerk, db: Database, hats: Category) -> None:
        before = await sql(db, "SELECT count(*) FROM audit_entry")
        for view in registry.admin_views():
            for verb in view.verbs:
                await admin.client.get(f"/admin/{view.identity}/do/{verb.name}?pks={hats.id}&confirmed=yes")
        assert await sql(db, "SELECT count(*) FROM audit_entry") == before

    async def test_what_a_form_does_not_have_is_not_set(self, manager: Clerk, db: Database, hats: Category) -> None:
        page = await manager.visit(f"/admin/category/edit/{hats.id}")
        form, _button = page.form_with("Save")
        data = {
            **dict(form.fields),
            "title": "Caps",
            "archived_at": "2020-01-01",
            "id": NOBODY,
            "created_at": "2001-01-01",
        }
        assert (await manager.client.post(form.action, data=data)).status_code == 303
        assert await sql(db, "SELECT id, title, archived_at FROM category") == [(hats.id, "Caps", None)]

    async def test_a_scope_holds_everywhere(
        self, manager: Clerk, db: Database, hats: Category, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hidden = await made(db, "Secret plans")
        whole = CategoryAdmin.scope
        permissions = {**CategoryAdmin.permissions, Action.EXPORT: ShopPermission.PRODUCTS_VIEW}
        monkeypatch.setattr(CategoryAdmin, "permissions", permissions)
        monkeypatch.setattr(CategoryAdmin, "scope", lambda self: whole(self).where(Category.title == "Hats"))
        for path in (CATEGORIES, "/admin/category/lookup", "/admin/category/export/csv"):
            answer = (await manager.client.get(path)).text
            assert "Hats" in answer
            assert "Secret" not in answer
        for path in (f"details/{hidden.id}", f"edit/{hidden.id}", f"do/archive?pks={hidden.id}"):
            await manager.visit(f"/admin/category/{path}", status=404)

    async def test_a_file_is_safe_to_open_and_exactly_what_is_shown(
        self, manager: Clerk, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for title in ('=HYPERLINK("http://evil")', "+1", "@sum", "-2+3", "Plain caps"):
            await made(db, title)
        permissions = {**CategoryAdmin.permissions, Action.EXPORT: ShopPermission.PRODUCTS_VIEW}
        monkeypatch.setattr(CategoryAdmin, "permissions", permissions)
        everything = (await manager.client.get("/admin/category/export/csv")).text
        assert "'=HYPERLINK" in everything
        assert "\n'@sum" in everything
        assert "\n'-2+3" in everything
        found = (await manager.client.get("/admin/category/export/csv?q=plain")).text
        assert len(found.splitlines()) == 2
        assert await sql(db, "SELECT count(*) FROM audit_entry WHERE action = 'backoffice.export'") == [(2,)]

    async def test_what_people_typed_is_shown_as_text(self, manager: Clerk, db: Database) -> None:
        evil = await made(db, "<script>alert(1)</script>")
        for path in ("list", f"details/{evil.id}", f"edit/{evil.id}", f"do/archive?pks={evil.id}"):
            answer = await manager.client.get(f"/admin/category/{path}?error=<b>x&done=<b>x&q=<script>")
            assert "<script>alert" not in answer.text
            assert "<b>x" not in answer.text

    async def test_a_refusal_of_the_database_is_a_sentence(self, manager: Clerk, hats: Category) -> None:
        await manager.visit("/admin/category/create")
        page = await manager.press("Save", title="Other hats", slug="hats", status=409)
        assert "belongs to something else" in page.text
        assert "INSERT" not in page.text

    async def test_browsers_are_told_to_run_nothing_else(self, manager: Clerk) -> None:
        headers = (await manager.client.get(CATEGORIES)).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "private, no-store"

    async def test_pages_have_nothing_inline(self, manager: Clerk, hats: Category) -> None:
        for path in ("list", "create", f"details/{hats.id}", f"edit/{hats.id}", f"do/archive?pks={hats.id}"):
            html = (await manager.client.get(f"/admin/category/{path}")).text
            assert " style=" not in html
            assert "onclick" not in html
            assert "<script>" not in html

    async def test_a_form_of_any_size_is_refused(self, manager: Clerk) -> None:
        answer = await manager.client.post("/admin/category/create", data={"title": "x" * 3_000_000})
        assert answer.status_code == 413


@pytest.mark.parametrize("way", ["insert_model", "update_model", "delete_model"])
def test_the_library_cannot_write_past_the_services(way: str) -> None:
    assert getattr(CategoryAdmin, way) is not getattr(ModelView, way)
