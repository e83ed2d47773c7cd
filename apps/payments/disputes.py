"""Disputes: customers who ask their bank for the money back. They are written down, and told of to staff."""

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.payments.books.transfers import write_dispute
from apps.payments.models import Dispute, DisputeState, Payment
from apps.payments.providers import DisputeReport

log = structlog.get_logger(__name__)


async def apply_dispute(session: AsyncSession, payment: Payment, report: DisputeReport) -> None:
    """Of the locked payment; in whatever order and however often it is said. What is decided is not open again."""
    found = select(Dispute).where(Dispute.payment_id == payment.id, Dispute.reference == report.reference)
    dispute = await session.scalar(found)
    before = dispute.state if dispute else None
    if dispute is None:
        dispute = Dispute(payment_id=payment.id, reference=report.reference, state=DisputeState.open)
        dispute.amount, dispute.currency, dispute.reason = report.amount, report.currency, report.reason[:100]
        session.add(dispute)
    if dispute.state != report.state and dispute.may_move(report.state):
        dispute.move(report.state)
    if before == dispute.state:
        return
    payment.dismissed_at = None
    await session.flush()
    await write_dispute(session, payment, dispute, before)
    log.error("payments.dispute", payment=str(payment.id), state=dispute.state, amount=dispute.amount)
    told = {"state": dispute.state, "amount": report.amount, "currency": report.currency}
    record(session, "payments.dispute", payment, before={"state": before} if before else None, after=told)
