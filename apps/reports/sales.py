"""What was sold lately: money and orders by day. What was paid back is not counted, and neither is what was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ARRAY, DateTime, Select, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.orders.models import OrderState
from apps.orders.repositories import ORDERS
from apps.reports.calendar import DAY, WEEK, Calendar
from project.settings import settings


@dataclass(frozen=True, slots=True)
class Taken:
    """Minor units, and how many orders brought them."""

    money: int = 0
    orders: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.money + other.money, self.orders + other.orders)

    @property
    def average(self) -> int:
        return round(self.money / self.orders) if self.orders else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """Of one currency. `…_before` is a week earlier, until the same time of the day."""

    currency: str
    days: Sequence[tuple[date, Taken]]
    today: Taken
    today_before: Taken
    week: Taken
    week_before: Taken


async def sales_of(session: AsyncSession, calendar: Calendar) -> list[Sales]:
    """The main currency first, whether anything was sold in it or not: one query."""
    by_currency: dict[str, dict[datetime, Taken]] = {settings.currency: {}}
    cuts = calendar.cuts
    for currency, slot, money, orders in await session.execute(_paid(cuts)):
        by_currency.setdefault(currency, {})[cuts[slot - 1]] = Taken(int(money), orders)
    return [_sales(calendar, currency, found) for currency, found in by_currency.items()]


def _paid(cuts: Sequence[datetime]) -> Select[tuple[str, int, int, int]]:
    slot = func.width_bucket(ORDERS.c.paid_at, literal(cuts, ARRAY(DateTime(timezone=True)))).label("slot")
    kept = ORDERS.c.total - ORDERS.c.refunded
    is_paid = ORDERS.c.state == literal_column(f"'{OrderState.paid}'")
    found = select(ORDERS.c.currency, slot, func.sum(kept), func.count())
    return found.where(is_paid, ORDERS.c.paid_at >= cuts[0], kept > 0).group_by(ORDERS.c.currency, slot)


def _sales(calendar: Calendar, currency: str, found: Mapping[datetime, Taken]) -> Sales:
    def between(since: date, until: datetime) -> Taken:
        begin = calendar.midnight(since)
        return sum((taken for at, taken in found.items() if begin <= at < until), Taken())

    return Sales(
        currency=currency,
        days=[(day, between(day, calendar.midnight(day + DAY))) for day in calendar.days],
        today=between(calendar.today, calendar.end),
        today_before=between(calendar.today - WEEK, calendar.week_ago),
        week=between(calendar.monday, calendar.end),
        week_before=between(calendar.monday - WEEK, calendar.week_ago),
    )
