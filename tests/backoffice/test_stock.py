"""Stock at the back office."""

import pytest

from apps.core.db.database import Database
from apps.inventory.models import Pool
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.factories import make_pool, make_shirt
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.queries import counting

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def shelf(db: Database) -> Pool:
    """Ten pieces, and nobody takes from it."""
    async with db.begin() as session:
        return await make_pool(session, 10, name="Shelf")


async def say(manager: Clerk, pool: Pool, action: str, label: str, *, status: int = 200, **typed: str) -> None:
    await manager.visit(f"/admin/pool/do/{action}?pks={pool.id}")
    await manager.press(label, status=status, **typed)


async def test_what_came_and_went_is_kept_with_who_said_it(manager: Clerk, db: Database, shelf: Pool) -> None:
    await say(manager, shelf, "received", "Received", units="20", note="Printer")
    await say(manager, shelf, "damaged", "Damaged", units="3")
    await say(manager, shelf, "returned", "Returned", units="1")
    await say(manager, shelf, "counted", "Counted", units="27")
    moved = await sql(db, "SELECT delta, reason, note FROM stock_movement ORDER BY created_at")
    assert moved == [(20, "received", "Printer"), (-3, "damaged", ""), (1, "returned", ""), (-1, "counted", "")]
    text = (await manager.visit(f"/admin/pool/details/{shelf.id}")).text
    assert "+20 Received Staff Printer" in text
    assert "-1 Counted Staff" in text


@pytest.mark.parametrize("units", ["", "0", "-5", "some", "9999999999"])
async def test_what_is_no_number_of_pieces_changes_nothing(manager: Clerk, shelf: Pool, units: str) -> None:
    await say(manager, shelf, "received", "Received", status=422, units=units)
    assert len(manager.page.errors) == 1


async def test_what_is_held_or_sold_cannot_be_damaged(manager: Clerk, customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=5)
    await customer.pay(await customer.order_at_once(shirt.id, 2))
    await customer.add(shirt.id, 2)
    [pool] = [each.pool_id for each in shirt.allocation]
    page = await manager.visit(f"/admin/pool/details/{pool}")
    assert "Total stock 5 Reserved 2 Sold 2 Available 1" in page.text
    await manager.visit(f"/admin/pool/do/damaged?pks={pool}")
    await manager.press("Damaged", status=409, units="2")
    await manager.press("Damaged", units="1")


async def test_a_second_click_moves_nothing_more(manager: Clerk, db: Database, shelf: Pool) -> None:
    page = await manager.visit(f"/admin/pool/do/received?pks={shelf.id}")
    for _ in range(2):
        manager.page = page
        await manager.press("Received", units="5")
    assert await sql(db, "SELECT capacity FROM pool") == [(15,)]


async def test_who_may_not_move_stock_is_refused(clerk: SignIn, shelf: Pool) -> None:
    moderator = await clerk("moderator")
    assert "Received" not in (await moderator.visit(f"/admin/pool/details/{shelf.id}")).links
    for path in (f"do/received?pks={shelf.id}", f"edit/{shelf.id}", "create", "export/csv"):
        await moderator.visit(f"/admin/pool/{path}", status=403)


async def test_it_is_opened_renamed_archived_and_back(manager: Clerk, db: Database) -> None:
    await manager.visit("/admin/pool/create")
    page = await manager.press("Save", name="Merch table", capacity="12")
    await manager.follow("Edit")
    await manager.press("Save", name="Table")
    await manager.follow("Archive")
    await manager.press("Archive")
    await manager.follow("Restore")
    await manager.press("Restore")
    assert await sql(db, "SELECT name, capacity, archived_at FROM pool") == [("Table", 12, None)]
    assert "Renamed" in (await manager.visit(page.url)).text


async def test_what_something_takes_from_is_not_archived(manager: Clerk, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    [pool] = [each.pool_id for each in shirt.allocation]
    await manager.visit(f"/admin/pool/do/archive?pks={pool}")
    await manager.press("Archive", status=409)
    await manager.visit("/admin/pool/list?for=ticket")
    assert "pool" not in manager.page.links


async def test_the_emptiest_come_first_and_ask_few_questions(manager: Clerk, db: Database) -> None:
    asked = []
    for size in (3, 6):
        async with db.begin() as session:
            for left in range(size):
                await make_pool(session, left, name=f"Shelf {left}")
        with counting() as sent:
            page = await manager.visit("/admin/pool/list?sort=left")
        asked.append(len(sent))
    assert next(name for name in page.links if name.startswith("Shelf")) == "Shelf 0"
    assert asked[0] == asked[1] < 12
