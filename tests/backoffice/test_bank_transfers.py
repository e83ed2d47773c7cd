"""Bank transfers: the fan sees where to pay to, and staff say what has come and what was sent back."""

from collections.abc import Iterator

import pytest
from msgspec.structs import force_setattr

from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import details, tickets
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
STALE = "UPDATE user_session SET proved_at = now() - interval '1 hour'"
EXPIRE = "checkout.expire_unpaid"


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    force_setattr(settings, "payment_providers", "demo bank_transfer")
    yield
    force_setattr(settings, "payment_providers", "demo")


@pytest.fixture
async def started(customer: Customer, db: Database) -> dict:
    order = await customer.order_at_once(await tickets(db))
    payment = await customer.start_payment(order, provider="bank_transfer")
    return order | {"payment": payment["payment"], "pay_url": payment["pay_url"]}


async def receive(clerk: Clerk, order: dict, amount: str) -> None:
    await clerk.visit(f"/admin/payment/details/{order['payment']}")
    await clerk.follow("Mark as received")
    await clerk.press("Mark as received", amount=amount, note="Statement 12, A. Fan")


async def state(customer: Customer, order: dict) -> str:
    await customer.jobs()
    return str((await customer.order(order))["state"])


async def test_the_order_s_page_says_where_to_pay_to(customer: Customer, started: dict) -> None:
    page = (await customer.client.get(started["pay_url"])).text
    for told in ("Waiting for your transfer", "DE89 3704 0044 0532 0130 00", "The Band GbR", started["number"]):
        assert told in page
    assert 'value="bank_transfer"' not in page
    assert 'value="demo"' in page


async def test_the_order_waits_for_days_and_then_runs_out(customer: Customer, db: Database, started: dict) -> None:
    await customer.by_the_clock(EXPIRE)
    left = "SELECT pay_until - created_at > interval '6 days 23 hours' FROM orders"
    assert await sql(db, left) == [(True,)]
    await sql(db, "UPDATE orders SET pay_until = now() - interval '1 second'")
    await customer.by_the_clock(EXPIRE)
    assert await state(customer, started) == "expired"


async def test_who_changes_to_another_way_and_back_gains_no_time(
    customer: Customer, db: Database, started: dict
) -> None:
    await sql(db, "UPDATE orders SET created_at = created_at - interval '6 days'")
    ((before,),) = await sql(db, "SELECT pay_until FROM orders")
    for provider in ("demo", "bank_transfer"):
        await customer.start_payment(started, provider=provider)
    assert await sql(db, "SELECT pay_until FROM orders") == [(before,)]


async def test_staff_mark_it_as_received(manager: Clerk, customer: Customer, db: Database, started: dict) -> None:
    await receive(manager, started, "30.00")
    assert "The payment is received." in manager.page.text
    assert await state(customer, started) == "paid"
    found = "SELECT after->>'note', after->>'amount' FROM audit_entry WHERE action = 'payments.receive'"
    assert await sql(db, found) == [("Statement 12, A. Fan", "3000")]
    await manager.visit(f"/admin/payment/details/{started['payment']}")
    assert "Mark as received" not in manager.page.links


async def test_another_amount_is_to_be_sent_back(
    manager: Clerk, customer: Customer, db: Database, started: dict
) -> None:
    await receive(manager, started, "20.00")
    assert await state(customer, started) == "pending"
    await manager.visit("/admin/")
    await manager.follow("1 Refunds to be sent or paid out")
    await manager.visit(f"/admin/payment/details/{started['payment']}")
    await manager.follow("Refunds sent")
    await manager.press("Refunds sent")
    assert await sql(db, "SELECT state, amount FROM refund") == [("done", 2000)]


async def test_late_money_is_received_too(manager: Clerk, customer: Customer, db: Database, started: dict) -> None:
    await customer.cancel(started)
    await receive(manager, started, "30.00")
    assert await state(customer, started) == "cancelled"
    assert await sql(db, "SELECT state, amount FROM refund") == [("in_transit", 3000)]


async def test_who_has_not_shown_who_they_are_is_asked_first(
    manager: Clerk, customer: Customer, db: Database, started: dict
) -> None:
    await manager.visit(f"/admin/payment/details/{started['payment']}")
    await sql(db, STALE)
    page = await manager.follow("Mark as received")
    assert "How much has arrived" not in page.text


async def test_a_moderator_does_not_say_so(clerk: SignIn, started: dict, db: Database) -> None:
    moderator = await clerk("moderator")
    await details(moderator, db, started)
    assert (await moderator.visit(f"/admin/payment/details/{started['payment']}")).links.get("Mark as received") is None


async def test_nobody_reports_by_webhook(customer: Customer, started: dict) -> None:
    answer = await customer.client.post("/api/v1/payments/bank_transfer/webhook", json={})
    assert answer.status_code == 401
