"""Cash: the order's page shows the number large, and staff find the order by it and say what they took."""

from collections.abc import Iterator

import pytest
from msgspec.structs import force_setattr

from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import tickets
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    force_setattr(settings, "payment_providers", "demo cash")
    yield
    force_setattr(settings, "payment_providers", "demo")


@pytest.fixture
async def started(customer: Customer, db: Database) -> dict:
    order = await customer.order_at_once(await tickets(db))
    payment = await customer.start_payment(order, provider="cash")
    return order | {"payment": payment["payment"], "pay_url": payment["pay_url"]}


async def find(clerk: Clerk, order: dict) -> None:
    """By the number that the fan shows."""
    page = await clerk.visit(f"/admin/order/list?q={order['number']}")
    await clerk.visit(page.links[order["number"]])


async def take(clerk: Clerk, order: dict, amount: str) -> None:
    await find(clerk, order)
    await clerk.follow("Mark as received")
    await clerk.press("Mark as received", amount=amount, note="Ada, at the merch table")


async def test_the_order_s_page_shows_its_number_large(customer: Customer, db: Database, started: dict) -> None:
    page = (await customer.client.get(started["pay_url"])).text
    assert "Please pay in cash" in page
    assert f"<strong>{started['number']}</strong>" in page
    assert await sql(db, "SELECT pay_until - created_at > interval '6 days 23 hours' FROM orders") == [(True,)]


async def test_staff_take_it_at_the_order(manager: Clerk, customer: Customer, db: Database, started: dict) -> None:
    await take(manager, started, "30.00")
    assert "The payment is received." in manager.page.text
    await customer.jobs()
    assert (await customer.order(started))["state"] == "paid"
    await find(manager, started)
    assert "Mark as received" not in manager.page.links
    assert "€30.00 marked as received: Ada, at the merch table" in manager.page.text


async def test_too_little_is_given_back(manager: Clerk, customer: Customer, db: Database, started: dict) -> None:
    await take(manager, started, "20.00")
    await customer.jobs()
    assert (await customer.order(started))["state"] == "pending"
    await manager.visit(f"/admin/payment/details/{started['payment']}")
    await manager.follow("Refunds sent")
    await manager.press("Refunds sent")
    assert await sql(db, "SELECT state, amount FROM refund") == [("done", 2000)]


async def test_what_is_paid_otherwise_is_not_taken_again(manager: Clerk, customer: Customer, started: dict) -> None:
    await customer.pay(started)
    await find(manager, started)
    assert "Mark as received" not in manager.page.links


async def test_a_moderator_takes_no_money(clerk: SignIn, started: dict) -> None:
    moderator = await clerk("moderator")
    await find(moderator, started)
    assert "Mark as received" not in moderator.page.links
