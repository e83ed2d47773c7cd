"""The demo band's sales: nothing shown is made up but the fans, and when they came."""

from sqlalchemy import func, select, text

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.orders.models import Order
from project.demo.buying import buy
from project.demo.past import set_back
from project.demo.plan import plan_sales

TAKE_UP = text("UPDATE pgqueuer SET heartbeat = now() - interval '1 minute' WHERE status = 'picked'")
"""The jobs that a start had in hand when it was cut short."""


async def sell_demo_tickets(db: Database) -> None:
    """Sell what the demo's plan says, unless there is any order; then deliver what is paid, and date it back."""
    await place_orders(db)
    await _deliver(db)
    await set_back(db)


async def place_orders(db: Database) -> None:
    """All of them or none."""
    async with db.begin() as session:
        if not await session.scalar(select(func.count()).select_from(Order)):
            await buy(session, await plan_sales(session))


async def _deliver(db: Database) -> None:
    async with db.begin() as session:
        await session.execute(TAKE_UP)
    await drain(db)
