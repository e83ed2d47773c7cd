"""Sales are what was paid and kept, on the day when it was paid."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.orders.models import Order, OrderState
from apps.reports.calendar import Calendar
from apps.reports.chart import HEIGHT, chart_of
from apps.reports.sales import Sales, Taken, sales_of

pytestmark = pytest.mark.anyio
WEDNESDAY_NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def order(ago: timedelta, total: int, *, refunded: int = 0, currency: str = "EUR") -> Order:
    return Order(
        number=uuid7().hex[-12:],
        nonce=b"12345678",
        state=OrderState.refunded if refunded == total else OrderState.paid,
        email="fan@example.org",
        name="",
        locale="en",
        currency=currency,
        subtotal=total,
        shipping=0,
        tax=0,
        total=total,
        refunded=refunded,
        pay_until=WEDNESDAY_NOON,
        paid_at=WEDNESDAY_NOON - ago,
    )


async def found(session: AsyncSession, *orders: Order) -> list[Sales]:
    session.add_all(orders)
    await session.flush()
    return await sales_of(session, Calendar(WEDNESDAY_NOON, "UTC"))


async def test_without_sales_there_are_zeros(db: Database) -> None:
    async with db.begin() as session:
        [euros] = await found(session)
    assert (euros.currency, euros.today, euros.week) == ("EUR", Taken(), Taken())
    assert {taken for _day, taken in euros.days} == {Taken()}


async def test_today_and_this_week_beside_a_week_ago_by_the_same_time(db: Database) -> None:
    async with db.begin() as session:
        [euros] = await found(
            session,
            order(HOUR, 1000),
            order(2 * DAY, 300),
            order(3 * DAY, 50),  # Sunday
            order(7 * DAY + HOUR, 700),
            order(7 * DAY - HOUR, 7),  # after this time of the day
            order(9 * DAY, 200),
        )
    assert (euros.today, euros.week) == (Taken(1000, 1), Taken(1300, 2))
    assert (euros.today_before, euros.week_before) == (Taken(700, 1), Taken(900, 2))
    assert [taken.money for _day, taken in euros.days[-10:]] == [200, 0, 707, 0, 0, 0, 50, 300, 0, 1000]


async def test_what_was_paid_back_does_not_count(db: Database) -> None:
    async with db.begin() as session:
        [euros] = await found(session, order(HOUR, 1000, refunded=400), order(HOUR, 500, refunded=500))
    assert euros.today == Taken(600, 1)
    assert euros.today.average == 600


async def test_currencies_are_never_added_up(db: Database) -> None:
    async with db.begin() as session:
        sales = await found(session, order(HOUR, 1000), order(HOUR, 2000, currency="USD"))
    assert {each.currency: each.today.money for each in sales} == {"EUR": 1000, "USD": 2000}


async def test_bars_are_as_high_as_what_was_sold(db: Database) -> None:
    async with db.begin() as session:
        [euros] = await found(session, order(HOUR, 10_000), order(DAY, 5000), order(2 * DAY, 1))
    chart = chart_of(euros, locale="en")
    assert [bar.height for bar in chart.bars[-4:]] == [0, 1, HEIGHT / 2, HEIGHT]
    assert (chart.bars[-2].day, chart.bars[-2].money, chart.most) == ("Tue 17 Nov", "€50.00", "€100.00")
