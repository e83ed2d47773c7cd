"""Sales by day as bars: drawn on the server, without scripts and styles of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_date

from apps.core.money import format_money
from apps.reports.sales import Sales

HEIGHT, STEP, WIDTH = 100, 10, 7
DAY_FORMAT = "EEE d MMM"


@dataclass(frozen=True, slots=True)
class Bar:
    """In units of the drawing, from its left upper corner."""

    day: str
    money: str
    orders: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`width` and `height` are the drawing's; `most` is what the top stands for."""

    bars: Sequence[Bar]
    most: str
    width: int
    height: int


def chart_of(sales: Sales, *, locale: str) -> Chart:
    most = max(taken.money for _day, taken in sales.days)
    bars = []
    for number, (day, taken) in enumerate(sales.days):
        height = _height(taken.money, most)
        bars.append(
            Bar(
                day=format_date(day, DAY_FORMAT, locale=locale),
                money=format_money(taken.money, sales.currency, locale=locale),
                orders=taken.orders,
                x=number * STEP,
                y=HEIGHT - height,
                width=WIDTH,
                height=height,
            )
        )
    top = format_money(most, sales.currency, locale=locale)
    return Chart(bars, top, len(bars) * STEP - (STEP - WIDTH), HEIGHT)


def _height(money: int, most: int) -> int:
    """Whatever was sold is seen."""
    return max(1, round(money * HEIGHT / most)) if money else 0
