"""What is no part of editing, and who is out of reach."""

import pytest

from apps.core.db import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.journeys.buyer import sql
from tests.journeys.conftest import client, office
from tests.office import Office

__all__ = ["client", "office"]
pytestmark = pytest.mark.anyio


async def allow(db: Database, *permissions: str) -> None:
    """These and no others, to managers."""
    granted = ", ".join(f'"{each}"' for each in permissions)
    await sql(db, f"UPDATE role SET permissions = '[{granted}]' WHERE name = 'manager'")


async def test_who_may_edit_a_concert_does_not_archive_its_ticket_types(
    manager: Clerk, office: Office, db: Database
) -> None:
    concert, _ticket_type = await office.on_sale()
    await allow(db, "concerts.view", "concerts.edit")
    await manager.visit(f"/admin/concert/edit/{concert['id']}")
    other = {"ticket_types_1_name": "Seated", "ticket_types_1_price": "5", "ticket_types_1_places": 9}
    await manager.press("Save", ticked=("ticket_types-0-withdrawn",), status=403, **other)
    assert await sql(db, "SELECT title FROM offer WHERE archived_at IS NOT NULL") == []


async def test_nobody_signs_out_who_may_do_more(manager: Clerk, clerk: SignIn, db: Database) -> None:
    admin = await clerk("admin")
    await allow(db, "users.view", "users.edit")
    (row,) = await sql(db, "SELECT id FROM users WHERE email LIKE 'admin-%'")
    await manager.visit(f"/admin/user/do/end-sessions?pks={row.id}")
    page = await manager.press("Sign out everywhere", status=403)
    assert "permissions that you do not have yourself" in page.text
    assert "Sign out" in (await admin.visit("/admin/")).text
