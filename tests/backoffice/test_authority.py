"""What is no part of editing, and who is out of reach."""

import pytest

from apps.concerts.models import TicketType
from apps.core.db.database import Database
from apps.inventory.models import Pool
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.factories import make_pool, make_ticket_type
from tests.journeys.conftest import client, staff_api
from tests.journeys.customer import sql
from tests.staff_api import StaffApi

__all__ = ["client", "staff_api"]
pytestmark = pytest.mark.anyio


async def allow(db: Database, *permissions: str) -> None:
    """These and no others, to managers."""
    granted = ", ".join(f'"{each}"' for each in permissions)
    await sql(db, f"UPDATE role SET permissions = '[{granted}]' WHERE name = 'manager'")


async def test_who_may_edit_a_concert_does_not_archive_its_ticket_types(
    manager: Clerk, staff_api: StaffApi, db: Database
) -> None:
    concert, _ticket_type = await staff_api.on_sale()
    await allow(db, "concerts.view", "concerts.edit")
    await manager.visit(f"/admin/concert/edit/{concert['id']}")
    other = {"ticket_types_1_name": "Seated", "ticket_types_1_price": "5", "ticket_types_1_capacity": 9}
    manager.page.form_with("Save")[0].boxes.append(("ticket_types-0-archived", "true"))  # not offered, and sent
    await manager.press("Save", ticked=("ticket_types-0-archived",), status=403, **other)
    assert await sql(db, "SELECT title FROM offer WHERE archived_at IS NOT NULL") == []


async def test_nobody_signs_out_who_may_do_more(manager: Clerk, clerk: SignIn, db: Database) -> None:
    admin = await clerk("admin")
    await allow(db, "users.view", "users.edit")
    (row,) = await sql(db, "SELECT id FROM users WHERE email LIKE 'admin-%'")
    await manager.visit(f"/admin/user/do/end-sessions?pks={row.id}")
    page = await manager.press("Sign out everywhere", status=403)
    assert "permissions that you do not have yourself" in page.text
    assert "Sign out" in (await admin.visit("/admin/")).text


async def with_a_allocation(db: Database) -> tuple[TicketType, Pool]:
    async with db.begin() as session:
        pool = await make_pool(session, 100, name="Royal box")
        return await make_ticket_type(session, {pool.id: 1}), pool


async def test_who_may_not_look_at_the_stock_is_not_told_its_names(manager: Clerk, db: Database) -> None:
    ticket_type, pool = await with_a_allocation(db)
    await allow(db, "concerts.view", "concerts.edit")
    page = await manager.visit(f"/admin/ticket-type/edit/{ticket_type.id}")
    assert "Pool Selected" in page.text
    assert "Pool Nothing selected" in page.text
    assert "Royal box" not in page.answer.text
    assert "/admin/pool/autocomplete" not in page.answer.text
    await manager.press("Save", name="Box")
    assert await sql(db, "SELECT title, pool_id FROM offer JOIN offer_pool ON offer_id = id") == [
        ("Live · Box", pool.id)
    ]


async def test_who_may_not_look_at_the_stock_finds_none_by_its_name(manager: Clerk, db: Database) -> None:
    ticket_type, pool = await with_a_allocation(db)
    await allow(db, "concerts.view", "concerts.edit")
    page = await manager.visit(f"/admin/ticket-type/edit/{ticket_type.id}")
    form, _button = page.form_with("Save")
    typed = {
        **dict(form.fields),
        "allocation-0-pool": "",
        "allocation-0-pool.words": "Royal box",
        "allocation-0-pool.chosen": "",
    }
    answer = await manager.client.post(form.action, data=typed)
    assert answer.status_code == 422
    assert "Nothing found with this name." in answer.text
    assert str(pool.id) not in answer.text
