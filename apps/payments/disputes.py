"""Disputes: customers who ask their bank for the money back. What they hold up, the apps above know."""

from collections.abc import Collection
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.events import publish
from apps.payments.books.transfers import write_dispute
from apps.payments.events import DisputeChanged
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
    await publish(session, DisputeChanged(payment.id, payment.owner_id))


async def disputed_money(
    session: AsyncSession, payment: Payment, states: Collection[DisputeState] = (DisputeState.open, DisputeState.lost)
) -> int:
    """Minor units of the payment that disputes in these states are about, in its currency."""
    whole = cast(func.coalesce(func.sum(Dispute.amount), 0), BigInteger)
    found = select(whole).where(Dispute.payment_id == payment.id, Dispute.currency == payment.currency)
    return (await session.execute(found.where(Dispute.state.in_(states)))).scalar_one()


async def worst_dispute(session: AsyncSession, payment_id: UUID) -> DisputeState | None:
    """An open one is worse than a lost one; None where all were won, or there is none."""
    states = set(await session.scalars(select(Dispute.state).where(Dispute.payment_id == payment_id)))
    return next((state for state in (DisputeState.open, DisputeState.lost) if state in states), None)
