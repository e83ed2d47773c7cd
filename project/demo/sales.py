"""The demo band's sales: nothing shown is made up but the fans, and when they came."""

from asyncio import Semaphore, gather
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count

from sqlalchemy import func, select

from apps.checkout.batch import open_till
from apps.core.db import Database
from apps.core.jobs import drain
from apps.orders.models import Order
from apps.payments.models import Payment, PaymentState
from project.demo.past import set_back
from project.demo.plan import Sale, plan_sales
from project.demo.till import buy

AT_ONCE = 6
"""Fewer than there are connections: nobody waits for one until it is too late."""
FANS = ("ada", "boris", "chiara", "dmitri", "elif", "femke", "goran", "hanna", "ines", "jonas", "katya", "lars", "mira")


async def sell_demo_tickets(db: Database) -> int:
    """Sell what the demo's plan says; returns how many tickets. Once there is any order, nothing."""
    async with db.begin() as session:
        if await session.scalar(select(func.count()).select_from(Order)):
            return 0
        sales = await plan_sales(session)
    ages = await _sell(db, sales)
    await drain(db)
    await set_back(db, ages)
    return sum(sale.lines[0].quantity for sale in sales)


async def _sell(db: Database, sales: Sequence[Sale]) -> dict[Payment, timedelta]:
    """What each payment is to be the age of."""
    till, turns = open_till(db), Semaphore(AT_ONCE)

    async def sell(sale: Sale, fan: str) -> Payment:
        async with turns:
            return await buy(db, till, sale.lines, email=fan, home=sale.home, ends=PaymentState.confirmed)

    payments = await gather(*(sell(sale, fan) for sale, fan in zip(sales, _fans(), strict=False)))
    return {payment: sale.ago for payment, sale in zip(payments, sales, strict=True)}


def _fans() -> Iterator[str]:
    return (f"{FANS[number % len(FANS)]}{number // len(FANS) + 1}@fans.example" for number in count())
