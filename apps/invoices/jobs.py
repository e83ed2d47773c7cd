"""Invoices in the background."""

from sqlalchemy import func, update

from apps.core.db.database import Database
from apps.core.jobs import job
from apps.invoices.issuing.issue import issue_waiting
from apps.invoices.repositories import INVOICES
from apps.invoices.seller import invoice_settings


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
