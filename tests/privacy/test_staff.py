"""Staff have somebody erased, who asked for it by letter."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn, admin, clerk
from tests.journeys.customer import Customer, sql
from tests.letters import newest_letter
from tests.privacy.test_erasure import DUE, state
from tests.site.browser import Fan
from tests.site.test_account import EMAIL

__all__ = ["admin", "clerk"]
pytestmark = pytest.mark.anyio


async def erase(admin: Clerk, email: str, *, status: int = 200) -> None:
    await admin.visit("/admin/erasure-request/create")
    await admin.press("Save", status=status, email=email)


class TestStaff:
    async def test_ask_and_it_is_done(self, member: Fan, admin: Clerk, customer: Customer, db: Database) -> None:
        await erase(admin, EMAIL)
        assert "Only for its day." in admin.page.text
        assert EMAIL in (await admin.visit("/admin/erasure-request/list")).text
        assert (await newest_letter(db))["To"] == EMAIL
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "done"
        assert await sql(db, "SELECT id FROM users WHERE email = :email", email=EMAIL) == []
        assert EMAIL not in (await admin.visit("/admin/erasure-request/list")).text

    async def test_cancel_it(self, member: Fan, admin: Clerk, db: Database) -> None:
        await erase(admin, EMAIL)
        await admin.follow("Cancel erasure")
        await admin.press("Cancel erasure")
        assert await state(db) == "cancelled"

    async def test_an_address_that_nobody_has_is_refused(self, admin: Clerk, db: Database) -> None:
        await erase(admin, "nobody@example.org", status=404)
        assert "There is no account with this email address." in admin.page.text

    async def test_the_last_administrator_is_refused(self, admin: Clerk) -> None:
        await erase(admin, "admin-0@example.org", status=409)

    async def test_a_manager_may_not(self, clerk: SignIn) -> None:
        manager = await clerk("manager")
        await manager.visit("/admin/erasure-request/list", status=404)
        await manager.visit("/admin/erasure-request/create", status=404)
