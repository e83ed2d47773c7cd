"""Staff who look at the site as a fan sees it."""

from datetime import timedelta
from uuid import UUID

import pytest

from apps.core.db.database import Database, now
from apps.privacy.models import ErasureRequest
from tests.backoffice.conftest import SignIn, clerk, server
from tests.journeys.customer import sql
from tests.staff import in_browser_as, make_user

__all__ = ["clerk", "server"]
pytestmark = pytest.mark.anyio
FAN = "ada@example.org"


@pytest.fixture
async def fan(db: Database) -> str:
    """The id of a fan."""
    async with db.begin() as session:
        user = await make_user(session, "customer", email=FAN)
        user.name = "Ada"
    return str(user.id)


async def test_every_page_says_so_and_one_press_leads_back(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/admin/user/details/{fan}")
    await admin.follow("See the site as this fan")
    page = await admin.press("See the site as Ada")
    for path in ("/account", "/shop", "/cart", "/account/devices"):
        page = await admin.visit(path)
        assert "You see the site as Ada." in page.text
    assert "The band's staff" in page.text
    assert "Staff looked at the site as you" in page.text
    for path in ("/admin/", "/account/data"):
        assert "You see the site as a fan." in (await admin.visit(path, status=403)).text
    page = await admin.press("Back to yourself")
    assert "Signed in as" not in page.text
    assert FAN in page.text
    assert "You see the site as" not in (await admin.visit("/shop")).text
    kept = await sql(db, f"SELECT method, is_new_device FROM sign_in WHERE user_id = '{fan}'")
    assert kept == [("staff", False)]


async def test_the_log_has_both(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    await admin.visit("/account/details")
    await admin.press("Save", name="Ada L.", locale="en")
    await admin.press("Back to yourself")
    page = await admin.visit(f"/admin/user/details/{fan}")
    assert "Staff → Ada L." in page.text


async def test_nobody_agrees_to_news_for_a_fan(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    await admin.visit("/account/details")
    page = await admin.press("Save", status=403, ticked=("true",), name="Ada L.")
    assert "This can be done by the owner of the account only." in page.text
    assert await sql(db, f"SELECT name, news_agreed_at FROM users WHERE id = '{fan}'") == [("Ada", None)]


async def test_what_needs_a_fresh_proof_cannot_be_done(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    for path in ("/account/second-factor", "/account/passkeys"):
        assert "by the owner of the account only" in (await admin.visit(path, status=403)).text
    await admin.visit("/account/security")
    page = await admin.press(
        "Change password", status=403, current="seven gulls over the harbour", new="nine herons under the bridge"
    )
    assert "by the owner of the account only" in page.text
    assert (await admin.visit("/admin/", status=403)).status == 403


async def test_the_fans_devices_are_not_signed_out(clerk: SignIn, fan: str, db: Database) -> None:
    await in_browser_as(db, "customer", email="other@example.org")
    await sql(db, f"UPDATE user_session SET user_id = '{fan}'")
    (device,) = await sql(db, "SELECT id FROM user_session")
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    page = await admin.visit("/account/devices")
    assert [form.action for form in page.forms if "/devices/" in form.action or "others" in form.action] == []
    typed = {"csrf": page.value("csrf")}
    for path in (f"/account/devices/{device.id}/end", "/account/sign-out-others"):
        refused = await admin.client.post(path, data=typed)
        assert (refused.status_code, "by the owner of the account only" in refused.text) == (403, True)
    assert await sql(db, f"SELECT ended_at FROM user_session WHERE id = '{device.id}'") == [(None,)]


async def test_needs_a_permission_a_fresh_proof_and_a_fan(clerk: SignIn, fan: str, db: Database) -> None:
    manager = await clerk("manager")
    await manager.visit(f"/account/impersonate/{fan}", status=404)
    admin = await clerk("admin")
    (colleague,) = await sql(db, "SELECT id FROM users WHERE email LIKE 'manager%'")
    await admin.visit(f"/account/impersonate/{colleague.id}")
    assert (await admin.press("See the site as", status=409)).status == 409
    await sql(db, "UPDATE user_session SET proved_at = now() - interval '1 hour'")
    assert "Confirm that it is you" in (await admin.visit(f"/account/impersonate/{fan}")).text


async def test_it_ends_after_an_hour(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    left = "SELECT expires_at - now() <= interval '1 hour' FROM user_session WHERE impersonator_id IS NOT NULL"
    assert await sql(db, left) == [(True,)]


async def test_signing_out_meanwhile_leaves_no_session_of_either(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    page = await admin.press("Sign out")
    assert page.status == 200
    assert await sql(db, "SELECT 1 FROM user_session WHERE ended_at IS NULL") == []
    assert {"session", "own_session"}.isdisjoint(admin.client.cookies)


async def test_it_ends_when_the_staff_are_signed_out_everywhere(clerk: SignIn, fan: str, db: Database) -> None:
    admin, colleague = await clerk("admin"), await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    (them,) = await sql(db, "SELECT id FROM users WHERE email = 'admin-0@example.org'")
    await colleague.visit(f"/admin/user/do/end-sessions?pks={them.id}")
    await colleague.press("Sign out everywhere")
    assert (await admin.visit("/account")).url.endswith("/account/sign-in?next=/account")


async def test_a_fan_who_becomes_staff_meanwhile_lends_no_permissions(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    await sql(db, f"INSERT INTO user_role (user_id, role_id) SELECT '{fan}', id FROM role WHERE name = 'manager'")
    await admin.visit("/admin/", status=403)
    await admin.visit("/account/api-keys", status=404)


async def test_the_browser_forgets_the_fans_tickets_at_its_end(clerk: SignIn, fan: str) -> None:
    admin = await clerk("admin")
    await admin.visit(f"/account/impersonate/{fan}")
    await admin.press("See the site as Ada")
    page = await admin.press("Back to yourself")
    assert "storage" in page.answer.history[0].headers["Clear-Site-Data"]


async def test_a_fans_erasure_is_not_theirs_to_cancel(clerk: SignIn, fan: str, db: Database) -> None:
    admin = await clerk("admin")
    async with db.begin() as session:
        due_at = await now(session) + timedelta(days=1)
        session.add(ErasureRequest(user_id=UUID(fan), asked_by=f"user:{fan}", due_at=due_at, locale="en"))
    await admin.visit(f"/account/impersonate/{fan}")
    page = await admin.press("See the site as Ada")
    form = {"csrf": page.value("csrf")}
    refused = await admin.client.post("/account/data/erasure/cancel", data=form)
    assert refused.status_code == 403
    assert await sql(db, "SELECT state FROM erasure_request") == [("asked",)]
