"""The demo provider's list of what it took and sent back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.payments.demo.models import DemoCheckout, DemoRefund, DemoState
from apps.payments.demo.schemas import TransactionOut, TransactionsOut

CHECKOUTS, REFUNDS = DemoCheckout.table(), DemoRefund.table()
PAGE = 100


async def list_transactions(
    connection: AsyncConnection, start: datetime, end: datetime, *, after: UUID | None
) -> TransactionsOut:
    """A page, by their ids; a charge counts from when its page was opened."""
    taken = select(
        CHECKOUTS.c.id,
        CHECKOUTS.c.id.label("checkout_id"),
        null().label("refund_id"),
        CHECKOUTS.c.amount,
        CHECKOUTS.c.currency,
        CHECKOUTS.c.created_at.label("made_at"),
    ).where(CHECKOUTS.c.state == DemoState.paid)
    sent = select(
        REFUNDS.c.id, REFUNDS.c.checkout_id, REFUNDS.c.id, REFUNDS.c.amount, CHECKOUTS.c.currency, REFUNDS.c.created_at
    ).join(CHECKOUTS, CHECKOUTS.c.id == REFUNDS.c.checkout_id)
    both = union_all(taken, sent).subquery()
    found = select(both).where(both.c.made_at >= start, both.c.made_at < end).order_by(both.c.id).limit(PAGE + 1)
    rows = (await connection.execute(found.where(both.c.id > after) if after else found)).all()
    items = [TransactionOut(each.checkout_id, each.refund_id, *each[3:]) for each in rows[:PAGE]]
    return TransactionsOut(items, rows[PAGE - 1].id if len(rows) > PAGE else None)
