"""The books in the back office and over the API: entries, balances, and what differs from the provider's list."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from apps.core.db.database import Database
from apps.payments.reconciliation.jobs import reconcile_one
from apps.payments.reconciliation.services import reconcile
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import tickets
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.staff import signed_in_as

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
BOOKS = "/api/v1/staff/books"


@pytest.fixture
async def paid(customer: Customer, db: Database) -> dict:
    return await customer.pay(await customer.order_at_once(await tickets(db)))


async def compare(db: Database) -> None:
    now = datetime.now(UTC)
    await reconcile(db, "demo", now - timedelta(hours=1), now + timedelta(hours=1))


async def test_entries_of_an_order(clerk: SignIn, paid: dict) -> None:
    manager = await clerk("manager")
    page = await manager.visit("/admin/transfer/list")
    for told in (paid["number"], "At the provider", "Posted"):
        assert told in page.text
    await manager.follow(paid["number"])
    assert "Books" in manager.page.text
    balances = await manager.visit("/admin/day-balance/list")
    assert "Balance at the end of the day" in balances.text


async def test_a_payout_is_entered_and_reversed(clerk: SignIn, db: Database, paid: dict) -> None:
    manager = await clerk("manager")
    await manager.visit("/admin/transfer/create")
    payout = {"cause": "payout", "provider": "demo", "amount": "12.34", "currency": "EUR", "reference": "po_1"}
    await manager.press("Save", **payout, happened_at="2026-11-30T12:00")
    written = "SELECT debit_account, credit_account, amount, day::text FROM ledger_transfer WHERE cause = 'payout'"
    assert await sql(db, written) == [("bank", "provider", 1234, "2026-11-30")]
    await manager.visit("/admin/transfer/create")
    await manager.press("Save", status=409, **payout, happened_at="2026-11-30T12:00")
    assert "This was entered already." in manager.page.text
    ((id,),) = await sql(db, "SELECT id FROM ledger_transfer WHERE cause = 'payout'")
    await manager.visit(f"/admin/transfer/details/{id}")
    await manager.follow("Reverse")
    await manager.press("Reverse")
    assert [row[:3] for row in await sql(db, f"{written} ORDER BY id")] == [
        ("bank", "provider", 1234),
        ("provider", "bank", 1234),
    ]


async def test_over_the_api(customer: Customer, db: Database, paid: dict) -> None:
    headers = await signed_in_as(db, "manager")
    ((order,),) = await sql(db, "SELECT id FROM orders")
    found = (await customer.client.get(f"{BOOKS}/transfers?order={order}&account=orders", headers=headers)).json()
    assert [(each["cause"], each["amount"]) for each in found["items"]] == [("charge", paid["total"])]
    assert (await customer.client.get(f"{BOOKS}/transfers?to=2020-01-01", headers=headers)).json()["items"] == []
    balances = (await customer.client.get(f"{BOOKS}/balances?order={order}", headers=headers)).json()
    assert {each["account"]: each["balance"] for each in balances} == {
        "orders": -paid["total"],
        "provider": paid["total"],
    }


class TestDifferences:
    @pytest.fixture
    async def difference(self, db: Database, paid: dict) -> str:
        await sql(db, "UPDATE demo_checkout SET amount = amount - 1")
        await compare(db)
        ((id,),) = await sql(db, "SELECT id FROM payment_difference WHERE problem = 'other_amount'")
        return str(id)

    async def test_one_is_shown_and_goes_when_it_agrees(self, clerk: SignIn, db: Database, difference: str) -> None:
        manager = await clerk("manager")
        assert "Differences between the books and the providers" in (await manager.visit("/admin/")).text
        await sql(db, "UPDATE demo_checkout SET amount = amount + 1")
        await manager.visit(f"/admin/difference/details/{difference}")
        assert "Different amount" in manager.page.text
        await manager.follow("Compare again")
        await manager.press("Compare again")
        assert "Agrees now" in manager.page.text

    async def test_one_may_stay_as_it_is(self, clerk: SignIn, db: Database, difference: str) -> None:
        manager = await clerk("manager")
        await manager.visit(f"/admin/difference/details/{difference}")
        await manager.follow("Dismiss")
        await manager.press("Dismiss", note="A cent was lost")
        await compare(db)
        kept = "SELECT note, dismissed_at IS NOT NULL, gone_at IS NULL FROM payment_difference"
        assert await sql(db, kept) == [("A cent was lost", True, True)]
        await sql(db, "UPDATE demo_checkout SET amount = amount - 1")
        await compare(db)
        assert await sql(db, "SELECT here - there, dismissed_at FROM payment_difference") == [(2, None)]

    async def test_the_nightly_job_leaves_what_is_fresh(self, db: Database, paid: dict) -> None:
        """It may still be told."""
        await sql(db, "UPDATE demo_checkout SET amount = amount - 1")
        await reconcile_one.run(db, msgspec.json.encode({"provider": "demo"}))
        assert await sql(db, "SELECT * FROM payment_difference") == []
