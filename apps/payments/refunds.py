"""Money back through a provider: promise_refund (transaction) → send_refund (job: network, then a transaction)."""

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.payments.books.transfers import write_refund
from apps.payments.disputes import disputed_money
from apps.payments.events import RefundFailed, RefundPromised
from apps.payments.models import Payment, Refund, RefundState
from apps.payments.providers import ProviderRefused, RefundReport, RefundRequest, provider_named, refunds_parts
from apps.payments.repositories import PaymentRepository, RefundRepository

log = structlog.get_logger(__name__)


class NothingToRefund(AppError):
    status = 409
    type = "nothing-to-refund"
    message = _("More than was paid cannot be refunded.")
    about = ("amount", "lines")


class MoneyDisputed(AppError):
    status = 409
    type = "money-disputed"
    message = _("The customer has asked their bank for this money: it is not refunded a second time.")
    about = ("amount", "lines")


class PartNotRefunded(AppError):
    status = 409
    type = "part-not-refunded"
    message = _("The provider of this payment refunds it in full only. Please refund the whole order.")
    about = ("amount", "lines")


async def promise_refund(
    session: AsyncSession, payment: Payment, *, key: str, amount: int, reason: str, actor: str
) -> Refund:
    """Set `amount` of a locked payment aside to go back, and have it sent; the same key is the same refund.

    Raises NothingToRefund, MoneyDisputed, PartNotRefunded.
    """
    refunds = RefundRepository(session=session)
    if known := await refunds.by_key(key):
        return known
    if amount > payment.refundable:
        raise NothingToRefund
    if amount > payment.refundable - await disputed_money(session, payment):
        raise MoneyDisputed
    if amount < payment.captured and not refunds_parts(payment.provider):
        raise PartNotRefunded
    payment.refunded += amount
    refund = Refund(payment_id=payment.id, key=key, amount=amount, reason=reason)
    session.add(refund)
    await session.flush()
    await write_refund(session, payment, refund, None)
    record(session, "payments.refund", refund, actor=actor, after={"amount": amount, "reason": reason})
    await publish(session, RefundPromised(refund.id))
    return refund


async def send_refund(db: Database, refund_id: UUID) -> None:
    """Send the money back; the provider knows the refund by our id, so that a repeat sends nothing twice."""
    async with db.begin() as session:
        refund = await RefundRepository(session=session).get(refund_id)
        payment = await PaymentRepository(session=session).get(refund.payment_id)
    if refund.state not in (RefundState.created, RefundState.in_transit):
        return
    if payment.reference is None:
        raise ValueError(f"payment {payment.id} was captured without a reference")
    request = RefundRequest(refund.id, refund.amount, payment.currency, payment.reference, payment.charge_reference)
    try:
        report = await provider_named(payment.provider).refund(request)
    except ProviderRefused as refusal:
        log.error("payments.refund_refused", refund=str(refund.id), **refusal.details)
        report = RefundReport(refund.id, RefundState.failed, refund.reference or "")
    async with db.begin() as session:
        await apply_refund_report(session, report)


async def apply_refund_report(session: AsyncSession, report: RefundReport) -> None:
    refunds = RefundRepository(session=session)
    known = await refunds.get_one_or_none(id=report.refund_id)
    if known is None:
        return
    payment = await PaymentRepository(session=session).lock(known.payment_id)
    refund = await refunds.lock(known.id)
    before = refund.state
    if before == report.state or not refund.may_move(report.state):
        return
    refund.move(report.state)
    refund.reference = report.reference
    await write_refund(session, payment, refund, before)
    if report.state is RefundState.failed:
        payment.refunded -= refund.amount
        payment.dismissed_at = None
        await publish(session, RefundFailed(refund.id, payment.owner_id))
    record(session, "payments.refund_report", refund, before={"state": before}, after={"state": refund.state})
