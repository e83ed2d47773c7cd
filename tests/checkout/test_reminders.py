"""Reminders of orders that wait days for their money: half way and a day before the end, once each."""

from collections.abc import Iterator

import pytest
from msgspec.structs import force_setattr

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from project.settings import settings
from tests.backoffice.orders import tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, sql
from tests.letters import newest_letter, text_of

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
REMIND = "checkout.remind_unpaid"
AGO = """
UPDATE orders SET created_at = created_at - interval '{days} days {hours} hours',
    pay_until = pay_until - interval '{days} days {hours} hours'
"""
REMINDED = "SELECT split_part(key, ':', 1) FROM mail WHERE key LIKE 'order-unpaid%' ORDER BY id"
HALF_WAY, LAST_DAY = ("order-unpaid_half_way",), ("order-unpaid_last_day",)


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    force_setattr(settings, "payment_providers", "demo bank_transfer cash")
    yield
    force_setattr(settings, "payment_providers", "demo")


@pytest.fixture
async def started(customer: Customer, db: Database) -> dict:
    order = await customer.order_at_once(await tickets(db))
    await customer.start_payment(order, provider="bank_transfer")
    return order


async def after(customer: Customer, *, days: int = 0, hours: int = 0) -> list[tuple[str]]:
    """The reminders that went out, when that much time is over."""
    await sql(customer.db, AGO.format(days=days, hours=hours))
    for _ in range(2):
        await customer.by_the_clock(REMIND)
    return await sql(customer.db, REMINDED)


async def test_twice_and_each_once(customer: Customer, started: dict) -> None:
    assert await after(customer, days=3, hours=11) == []
    assert await after(customer, hours=2) == [HALF_WAY]
    assert await after(customer, days=2, hours=10) == [HALF_WAY]
    assert await after(customer, hours=2) == [HALF_WAY, LAST_DAY]


async def test_in_the_order_s_language(customer: Customer, started: dict) -> None:
    await sql(customer.db, "UPDATE orders SET locale = 'ru'")
    await after(customer, days=4)
    letter = await newest_letter(customer.db)
    text = text_of(letter)
    assert letter["Subject"] == f"Оплатите, пожалуйста, заказ {started['number']} — The Band"
    for told in ("DE89 3704 0044 0532 0130 00", "Получатель: The Band GbR", f"Назначение платежа: {started['number']}"):
        assert told in text
    assert started["url"] in text


async def test_after_a_long_silence_only_the_last(customer: Customer, started: dict) -> None:
    assert await after(customer, days=6, hours=12) == [LAST_DAY]


async def test_with_little_time_only_the_first(customer: Customer, started: dict) -> None:
    await sql(customer.db, "UPDATE orders SET pay_until = created_at + interval '2 days'")
    assert await after(customer, days=1, hours=1) == [HALF_WAY]
    assert await after(customer, hours=12) == [HALF_WAY]


@pytest.mark.parametrize("ends", ["cancelled", "paid", "switched"])
async def test_never_when_there_is_nothing_to_wait_for(customer: Customer, started: dict, ends: str) -> None:
    match ends:
        case "cancelled":
            await customer.cancel(started)
        case "paid":
            await customer.pay(started)
        case "switched":
            await customer.start_payment(started, provider="demo")
    assert await after(customer, days=4) == []


async def test_what_ends_between_job_and_mail_is_not_reminded_of(customer: Customer, started: dict) -> None:
    await sql(customer.db, AGO.format(days=4, hours=0))
    await JOBS[REMIND].run(customer.db, None)
    await customer.cancel(started)
    await customer.jobs()
    assert await sql(customer.db, REMINDED) == []
