"""Money in and out through a provider. No network call is made while a row is locked: each verb says which half it is.

Asking:   prepare (transaction) → open_at_provider (network, then its own transaction)
Hearing:  receive (webhook, transaction) → understand (job) → apply_report; or ask, when nothing was heard
Returning: promise_refund (transaction) → send_refund (job: network, then its own transaction)
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db import Database, now
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.i18n import lazy as _
from apps.payments.events import PaymentConfirmed, RefundFailed, RefundPromised, WebhookReceived
from apps.payments.models import ACTIVE, Payment, PaymentState, Refund, RefundState, WebhookEvent
from apps.payments.providers import PayRequest, ProviderUnknown, RefundReport, Report, provider_named
from apps.payments.repositories import PaymentRepository, RefundRepository, WebhookRepository
from project.settings import settings

log = structlog.get_logger(__name__)


class NothingToRefund(AppError):
    status = 409
    type = "nothing-to-refund"
    message = _("More than was paid cannot be refunded.")


class PaymentOver(AppError):
    status = 409
    type = "payment-over"
    message = _("This payment can no longer be made.")


async def prepare(
    session: AsyncSession, owner_id: UUID, *, provider: str, amount: int, currency: str, expires_at: datetime
) -> Payment:
    """The owner's active payment, or a new one. The caller holds the owner's lock: there is never a second."""
    if provider not in settings.provider_names:
        raise ProviderUnknown
    active = await PaymentRepository(session=session).lock_active(owner_id)
    if active is not None:
        return active
    payment = Payment(owner_id=owner_id, provider=provider, amount=amount, currency=currency, expires_at=expires_at)
    session.add(payment)
    await session.flush()
    return payment


async def open_at_provider(db: Database, payment: Payment, *, description: str, return_url: str) -> Payment:
    """The payment with its `pay_url`. Repeating it resumes the same page: the provider knows the payment by our id."""
    if payment.pay_url:
        return payment
    request = PayRequest(payment.id, payment.amount, payment.currency, description, return_url, payment.expires_at)
    opened = await provider_named(payment.provider).open(request)
    async with db.begin() as session:
        locked = await PaymentRepository(session=session).lock(payment.id)
        locked.reference, locked.pay_url = opened.reference, opened.pay_url
        if locked.state is PaymentState.created:
            locked.move(PaymentState.pending)
    if locked.state is PaymentState.cancelled:
        await _apply(db, await provider_named(locked.provider).close(opened.reference))
        raise PaymentOver
    return locked


async def receive(session: AsyncSession, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Store a webhook's events; one that came before changes nothing."""
    for event in provider_named(provider).verify(headers, body):
        row = {"id": uuid7(), "provider": provider, "event_id": event.event_id, "payload": event.payload}
        stored = insert(WebhookEvent).values(row).on_conflict_do_nothing().returning(WebhookEvent.id)
        for event_id in (await session.execute(stored)).scalars():
            await publish(session, WebhookReceived(event_id))


async def understand(session: AsyncSession, event_id: UUID) -> None:
    """Apply a stored event; a second run finds it handled."""
    event = await WebhookRepository(session=session).get(event_id, with_for_update=True)
    if event.handled_at is not None:
        return
    report = provider_named(event.provider).understand(event.payload)
    if isinstance(report, Report):
        if await PaymentRepository(session=session).exists(id=report.payment_id, provider=event.provider):
            await apply_report(session, report)
    elif isinstance(report, RefundReport):
        await apply_refund_report(session, report)
    event.handled_at = await now(session)


async def apply_report(session: AsyncSession, report: Report) -> None:
    """Move the payment to what the provider says, in whatever order and however often it says it.

    Money in a currency that was not asked for settles nothing; a person has to see to it.
    """
    payment = await PaymentRepository(session=session).lock_one(Payment.id == report.payment_id)
    if payment is None or payment.state == report.state or not payment.may_move(report.state):
        return
    before = payment.state
    if report.state is PaymentState.confirmed and report.currency != payment.currency:
        log.error("payments.wrong_currency", payment=str(payment.id), currency=report.currency, amount=report.captured)
        payment.move(PaymentState.cancelled)
    else:
        payment.move(report.state)
    if payment.state is PaymentState.confirmed:
        await _capture(session, payment, report)
    record(session, "payments.report", payment, before={"state": before}, after=_facts(report, payment))


def _facts(report: Report, payment: Payment) -> dict[str, Any]:
    return {"state": payment.state, "captured": report.captured, "currency": report.currency}


async def _capture(session: AsyncSession, payment: Payment, report: Report) -> None:
    payment.captured = report.captured
    payment.confirmed_at = await now(session)
    await publish(session, PaymentConfirmed(payment.id, payment.owner_id))


async def ask(db: Database, payment_id: UUID) -> None:
    """Ask the provider about a payment nothing was heard of; one it never opened is left to expire with its owner."""
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).get(payment_id)
    if payment.reference is None or payment.state not in ACTIVE:
        return
    await _apply(db, await provider_named(payment.provider).look_up(payment.reference))


async def close(db: Database, owner_id: UUID) -> None:
    """End the owner's active payment at its provider, so that nobody can pay there any more.

    The provider's last word is applied: it may be that the money has just come.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).lock_active(owner_id)
    if payment is None:
        return
    if payment.reference is not None:
        report = await provider_named(payment.provider).close(payment.reference)
    else:
        report = Report(payment.id, PaymentState.cancelled, 0, payment.currency)
    await _apply(db, report)


async def _apply(db: Database, report: Report) -> None:
    async with db.begin() as session:
        await apply_report(session, report)


async def promise_refund(
    session: AsyncSession, payment: Payment, *, key: str, amount: int, reason: str, actor: str
) -> Refund:
    """Set `amount` of a locked payment aside to go back, and have it sent; the same key is the same refund."""
    refunds = RefundRepository(session=session)
    if known := await refunds.by_key(key):
        return known
    if amount > payment.refundable:
        raise NothingToRefund
    payment.refunded += amount
    refund = Refund(payment_id=payment.id, key=key, amount=amount, reason=reason)
    session.add(refund)
    await session.flush()
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
    report = await provider_named(payment.provider).refund(
        payment.reference, refund_id=refund.id, amount=refund.amount, currency=payment.currency
    )
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
    if report.state is RefundState.failed:
        payment.refunded -= refund.amount
        await publish(session, RefundFailed(refund.id, payment.owner_id))
    record(session, "payments.refund_report", refund, before={"state": before}, after={"state": refund.state})
