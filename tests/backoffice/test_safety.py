"""The back office's door and walls: who gets in, from where, and what no request can do."""

import msgspec
import pyotp
import pytest
from sqladmin import Admin, ModelView
from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.applications import Starlette
from starlette.routing import Match

from apps.core.db.database import Database
from apps.shop.admin import CategoryAdmin
from apps.shop.models import Category
from apps.shop.permissions import ShopPermission
from project import registry
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn, client_of
from tests.journeys.customer import sql
from tests.site.test_account_security import secret_in
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
NOBODY = "00000000-0000-0000-0000-000000000000"
CATEGORIES = "/admin/category/list"


@pytest.fixture
async def hats(db: Database) -> Category:
    return await made(db, "Hats")


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Categories can be taken away as a file, too."""
    permissions = {**CategoryAdmin.permissions, Access.EXPORT: ShopPermission.PRODUCTS_VIEW}
    monkeypatch.setattr(CategoryAdmin, "permissions", permissions)


async def made(db: Database, title: str) -> Category:
    async with db.begin() as session:
        category = Category(title=title, slug=title.lower().replace(" ", "-"))
        session.add(category)
    return category


async def statuses(clerk: Clerk, paths: list[str]) -> list[int]:
    return [(await clerk.client.get(f"/admin/category/{path}")).status_code for path in paths]


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
        self, manager: Clerk, db: Database, hats: Category, headers: dict[str, str]
    ) -> None:
        page = await manager.visit(f"/admin/category/do/archive?pks={hats.id}")
        form, _button = page.form_with("Archive")
        answer = await manager.client.post(form.action, data=dict(form.fields), headers=headers)
        assert answer.status_code == 403
        assert "Please load the page again and repeat." in answer.text
        assert await sql(db, "SELECT archived_at FROM category") == [(None,)]
        await manager.press("Archive")
        assert await sql(db, "SELECT archived_at IS NOT NULL FROM category") == [(True,)]

    async def test_a_form_made_for_another_session_changes_nothing(
        self, manager: Clerk, admin: Clerk, hats: Category
    ) -> None:
        page = await admin.visit(f"/admin/category/do/archive?pks={hats.id}")
        form, _button = page.form_with("Archive")
        answer = await manager.client.post(form.action, data=dict(form.fields))
        assert answer.status_code == 403
        assert (await admin.client.post(form.action, data=dict(form.fields))).status_code == 303

    async def test_every_form_needs_its_token(self, admin: Clerk, hats: Category) -> None:
        page = await admin.visit(f"/admin/category/edit/{hats.id}")
        routes = [f"/admin/category/edit/{hats.id}"]
        for view in registry.admin_views():
            routes += [f"/admin/{view.identity}/do/{action.name}" for action in view.actions]
            routes += [f"/admin/{view.identity}/create"] if Access.CREATE in view.permissions else []
        routes += ["/admin/logout"]
        form = {"pks": NOBODY}
        answers = {route: (await admin.client.post(route, data=form)).status_code for route in routes}
        assert answers == dict.fromkeys(routes, 403)
        form["form"] = page.value("form")
        answers = {route: (await admin.client.post(route, data=form)).status_code for route in routes}
        assert set(answers.values()) == {303, 404, 412, 422}

    async def test_another_host_is_not_answered(self, manager: Clerk) -> None:
        answer = await manager.client.get("/admin/invitation", headers={"Host": "evil.example"})
        assert answer.status_code == 400


class TestSession:
    async def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(self, manager: Clerk) -> None:
        await manager.visit(CATEGORIES)
        async with client_of() as thief:
            thief.cookies.update(dict(manager.client.cookies))
            assert (await thief.get(CATEGORIES)).status_code == 200
            await manager.press("Sign out")
            assert (await thief.get(CATEGORIES)).headers["location"] == f"/account/sign-in?done=ended&next={CATEGORIES}"

    async def test_who_is_disabled_is_out_at_once(self, manager: Clerk, db: Database) -> None:
        assert "Sign out" in (await manager.visit(CATEGORIES)).text
        await sql(db, "UPDATE users SET disabled_at = now() RETURNING 1")
        assert "Sign in" in (await manager.visit(CATEGORIES)).text

    async def test_who_has_no_permission_does_not_get_in(self, clerk: SignIn) -> None:
        page = await (await clerk("customer")).visit("/admin/", status=403)
        assert "no access" in page.text

    async def test_after_a_working_day_it_asks_once_more_who_it_is(self, manager: Clerk, db: Database) -> None:
        await sql(db, "UPDATE user_session SET proved_at = now() - interval '13 hours' RETURNING 1")
        page = await manager.visit(CATEGORIES)
        assert "Confirm that it is you" in page.text
        await manager.press("Confirm", status=403, password="a wrong guess at it")
        page = await manager.press("Confirm", password="seven gulls over the harbour")
        assert "Categories" in page.text

    async def test_who_signs_in_comes_to_where_they_wanted(self, clerk: SignIn) -> None:
        browser = await clerk("manager")
        browser.client.cookies.clear()
        await browser.visit(CATEGORIES)
        page = await browser.press("Sign in", email="manager-0@example.org", password="seven gulls over the harbour")
        assert "Categories" in page.text


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def staff_need_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        changed = msgspec.structs.replace(settings, staff_second_factor="required")
        monkeypatch.setattr("apps.accounts.repositories.settings", changed)

    async def test_staff_without_one_are_led_to_set_it_up(self, manager: Clerk) -> None:
        page = await manager.visit(CATEGORIES)
        assert "Staff need a second factor" in page.text
        page = await manager.press("Set up an app")
        page = await manager.press("Turn on", code=pyotp.TOTP(secret_in(page.text)).now())
        assert "Your recovery codes" in page.text
        assert "Categories" in (await manager.follow("I have kept them")).text

    async def test_the_staff_api_says_what_is_missing(self, server: None, db: Database) -> None:
        async with client_of() as client:
            answer = await client.get("/api/v1/staff/users", headers=await signed_in_as(db, "admin"))
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:backline:problem:second-factor-missing"


class TestPermissions:
    async def test_what_one_may_not_see_is_not_there(self, clerk: SignIn, hats: Category, exports: None) -> None:
        paths = ["list", f"details/{hats.id}", "create", f"edit/{hats.id}", "autocomplete?q=h", "export/csv"]
        assert await statuses(await clerk("door"), paths) == [404] * len(paths)
        assert await statuses(await clerk("manager"), paths) == [200] * len(paths)

    async def test_a_change_of_roles_counts_on_the_next_request(self, manager: Clerk, db: Database) -> None:
        await manager.visit(CATEGORIES)
        await sql(db, "UPDATE role SET permissions = '[\"stock.view\"]' WHERE name = 'manager' RETURNING 1")
        await manager.visit(CATEGORIES, status=404)

    async def test_looking_is_not_changing(self, manager: Clerk, db: Database, hats: Category) -> None:
        paths = ["create", f"edit/{hats.id}", f"do/archive?pks={hats.id}"]
        assert await statuses(manager, paths) == [200] * len(paths)
        page = await manager.visit(f"/admin/category/details/{hats.id}")
        assert page.links.keys() >= {"Archive", "Edit"}
        await sql(db, "UPDATE role SET permissions = '[\"products.view\"]' WHERE name = 'manager' RETURNING 1")
        page = await manager.visit(f"/admin/category/details/{hats.id}")
        assert page.links.keys().isdisjoint({"Archive", "Edit"})
        assert await statuses(manager, paths) == [403] * len(paths)

    async def test_taking_a_file_away_is_a_permission_of_its_own(self, manager: Clerk, hats: Category) -> None:
        assert await statuses(manager, ["list", "export/csv"]) == [200, 403]

    def test_every_view_says_who_may_look_at_it(self) -> None:
        assert CategoryAdmin in registry.admin_views()
        assert [view.identity for view in registry.admin_views() if Access.LIST not in view.permissions] == []


class TestWalls:
    @pytest.mark.parametrize("pk", ["zzz", "99999999999999999999", "%2e%2e", NOBODY, "1,2", "'"])
    async def test_ids_that_are_none_are_not_found(self, manager: Clerk, hats: Category, pk: str) -> None:
        for id, status in ((pk, 404), (hats.id, 200)):
            paths = [f"details/{id}", f"edit/{id}", f"do/archive?pks={id}"]
            assert await statuses(manager, paths) == [status] * len(paths)

    async def test_the_library_s_own_doors_are_walled_up(self, admin: Clerk, hats: Category) -> None:
        library = Admin(Starlette(), session_maker=async_sessionmaker()).admin.router.routes
        for method, path in (
            ("GET", f"category/{hats.id}/slug/download/"),
            ("GET", f"category/{hats.id}/slug/preview/"),
            ("GET", "category/ajax/lookup"),
            ("GET", "category/export/json"),
            ("GET", "statics/js/jquery.min.js"),
            ("POST", "category/import"),
            ("DELETE", "category/delete"),
        ):
            scope = {"type": "http", "method": method, "path": f"/{path}", "headers": []}
            assert Match.FULL in {route.matches(scope)[0] for route in library}, path
            assert (await admin.client.request(method, f"/admin/{path}?pks={hats.id}")).status_code == 404
        await admin.visit("/admin/category/action/archive", status=404)
        assert (await admin.client.get("/admin/logout")).status_code == 405

    @pytest.mark.parametrize("path", ["/admin-stats", "/administration", "/adminx/3"])
    async def test_what_only_begins_like_it_is_not_the_back_office(self, manager: Clerk, path: str) -> None:
        assert "Back office" not in (await manager.visit(path, status=404)).text
        assert "Back office" in (await manager.visit("/admin/3", status=404)).text

    async def test_the_log_has_the_whole_path(self, manager: Clerk, capfd: pytest.CaptureFixture[str]) -> None:
        await manager.visit(CATEGORIES)
        assert f"path={CATEGORIES} " in capfd.readouterr().err

    async def test_looking_changes_nothing(self, admin: Clerk, db: Database, hats: Category) -> None:
        before = await sql(db, "SELECT count(*) FROM audit_entry")
        for view in registry.admin_views():
            for action in view.actions:
                await admin.client.get(f"/admin/{view.identity}/do/{action.name}?pks={hats.id}&confirmed=yes")
        assert await sql(db, "SELECT count(*) FROM audit_entry") == before
        await admin.visit(f"/admin/category/do/archive?pks={hats.id}&confirmed=yes")
        await admin.press("Archive")
        assert await sql(db, "SELECT count(*) FROM audit_entry") != before

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
        self, manager: Clerk, db: Database, hats: Category, exports: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hidden = await made(db, "Secret plans")
        whole = CategoryAdmin.scope
        monkeypatch.setattr(CategoryAdmin, "scope", lambda self: whole(self).where(Category.title == "Hats"))
        for path in (CATEGORIES, "/admin/category/autocomplete", "/admin/category/export/csv"):
            answer = (await manager.client.get(path)).text
            assert "Hats" in answer
            assert "Secret" not in answer
        for row, status in ((hidden, 404), (hats, 200)):
            paths = [f"details/{row.id}", f"edit/{row.id}", f"do/archive?pks={row.id}"]
            assert await statuses(manager, paths) == [status] * len(paths)

    async def test_a_file_is_safe_to_open_and_exactly_what_is_shown(
        self, manager: Clerk, db: Database, exports: None
    ) -> None:
        for title in ('=HYPERLINK("http://evil")', "+1", "@sum", "-2+3", "Plain caps"):
            await made(db, title)
        everything = (await manager.client.get("/admin/category/export/csv")).text
        assert "'=HYPERLINK" in everything
        assert "\n'@sum" in everything
        assert "\n'-2+3" in everything
        found = (await manager.client.get("/admin/category/export/csv?q=plain")).text
        assert len(found.splitlines()) == 2
        assert await sql(db, "SELECT count(*) FROM audit_entry WHERE action = 'backoffice.export'") == [(2,)]

    async def test_what_people_typed_is_shown_as_text(self, manager: Clerk, db: Database) -> None:
        evil = await made(db, "<script>alert(1)</script>")
        for path in ("list?q=<script>&", f"details/{evil.id}?", f"edit/{evil.id}?", f"do/archive?pks={evil.id}&"):
            page = await manager.visit(f"/admin/category/{path}error=<b>x&done=<b>x")
            fields = [value for form in page.forms for _name, value in form.fields]
            assert evil.title in " ".join([page.text, *fields])
            assert "<script>alert" not in page.answer.text
            assert "<b>x" not in page.answer.text

    async def test_a_refusal_of_the_database_is_a_sentence(self, manager: Clerk, hats: Category) -> None:
        await manager.visit("/admin/category/create")
        page = await manager.press("Save", title="Other hats", slug="hats", status=409)
        assert "already in use" in page.text
        assert "INSERT" not in page.text

    async def test_browsers_are_told_to_run_nothing_else(self, manager: Clerk) -> None:
        headers = (await manager.visit(CATEGORIES)).answer.headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "private, no-store"

    async def test_pages_have_nothing_inline(self, manager: Clerk, hats: Category) -> None:
        for path in ("list", "create", f"details/{hats.id}", f"edit/{hats.id}", f"do/archive?pks={hats.id}"):
            html = (await manager.visit(f"/admin/category/{path}")).answer.text
            assert " style=" not in html
            assert "onclick" not in html
            assert "<script>" not in html

    async def test_a_form_of_any_size_is_refused(self, manager: Clerk) -> None:
        page = await manager.visit("/admin/category/create")
        form = dict(page.form_with("Save")[0].fields)
        for size, status in ((3_000_000, 413), (30, 303)):
            answer = await manager.client.post("/admin/category/create", data={**form, "title": "x" * size})
            assert answer.status_code == status


@pytest.mark.parametrize("way", ["insert_model", "update_model", "delete_model"])
def test_the_library_cannot_write_past_the_services(way: str) -> None:
    assert getattr(CategoryAdmin, way) is not getattr(ModelView, way)


class TestProof:
    @pytest.mark.parametrize("path", ["/admin/user/create", "/admin/role/create"])
    async def test_who_comes_to_an_open_screen_gives_nobody_access(self, admin: Clerk, db: Database, path: str) -> None:
        await sql(db, "UPDATE user_session SET proved_at = now() - interval '1 hour' RETURNING 1")
        assert "Confirm that it is you" in (await admin.visit(path)).text
        page = await admin.press("Confirm", password="seven gulls over the harbour")
        assert "Save" in page.text
        assert page.url.endswith(path)

    async def test_what_was_typed_before_is_not_done_either(self, admin: Clerk, db: Database) -> None:
        await admin.visit("/admin/role/create")
        await sql(db, "UPDATE user_session SET proved_at = now() - interval '1 hour' RETURNING 1")
        page = await admin.press("Save", name="crew", title="Crew")
        assert "Confirm that it is you" in page.text
        assert await sql(db, "SELECT 1 FROM role WHERE name = 'crew'") == []
