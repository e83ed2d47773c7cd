"""Invoices in the background, because orders were delivered or refunded."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.database import Database
from apps.core.events import Event, listen
from apps.core.jobs import job
from apps.invoices.issuing.issue import issue_waiting
from apps.invoices.repositories import INVOICES
from apps.invoices.requests import request_invoices
from apps.invoices.seller import invoice_settings
from apps.orders.events import OrderDelivered, OrderRefunded


@listen(OrderDelivered, OrderRefunded)
async def hear(at: AsyncConnection | AsyncSession, events: Sequence[Event]) -> None:
    """In the transaction of what happened, so that nothing is lost before the job comes by."""
    if invoice_settings() is None:
        return
    if isinstance(at, AsyncSession):
        await at.flush()
    connection = await at.connection() if isinstance(at, AsyncSession) else at
    await request_invoices(connection, [_wanted(event) for event in events])


def _wanted(event: Event) -> tuple[UUID, UUID | None]:
    """The order, and the refund where it is about one."""
    told = msgspec.structs.asdict(event)
    return told["order_id"], told.get("refund_id")


@job("invoices.issue", every="* * * * * */10")
async def issue(db: Database) -> None:
    """All that wait, some hundred a transaction."""
    invoicing, settled = invoice_settings(), 1
    while invoicing is not None and settled:
        async with db.transaction() as connection:
            settled = await issue_waiting(connection, invoicing)


@job("invoices.forget_buyers", every="17 4 * * *")
async def forget_buyers(db: Database) -> None:
    """Who bought something is kept as long as tax law demands it; what was sold stays in the books."""
    async with db.transaction() as connection:
        old = update(INVOICES).where(INVOICES.c.buyer != {}, INVOICES.c.retained_until < func.current_date())
        await connection.execute(old.values(buyer={}))
