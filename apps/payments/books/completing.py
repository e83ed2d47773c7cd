"""What the books miss of a payment, as when processes of an older version went on for a while after a migration."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.database import now
from apps.payments.books.transfers import charge, write, write_refund
from apps.payments.models import Payment, Refund


async def complete(session: AsyncSession, payment: Payment) -> None:
    """Of the locked payment. What is there already is not written again."""
    if not payment.captured:
        return
    connection = await session.connection()
    moment = payment.confirmed_at or await now(connection)
    await write(connection, charge(payment, fee=0, moment=moment))
    for refund in await session.scalars(select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.id)):
        await write_refund(session, payment, refund, None)
