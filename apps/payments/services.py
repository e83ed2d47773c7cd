"""Money in and out through a provider. No network call is made while a row is locked: a function makes it, or locks.

Asking:   prepare (transaction) → open_at_provider (network, then its own transaction)
Hearing:  inbox.receive → inbox.understand → apply_report; or ask, when nothing was heard
Returning: promise_refund (transaction) → send_refund (job: network, then its own transaction)
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.payments.events import PaymentConfirmed, PaymentDisagreed, PaymentFailed, RefundFailed, RefundPromised
from apps.payments.models import ACTIVE, Discrepancy, Failure, Payment, PaymentState, Refund, RefundState
from apps.payments.providers import (
    NotUnderstood,
    PayRequest,
    ProviderDown,
    ProviderUnknown,
    RefundReport,
    Report,
    provider_named,
)
from apps.payments.repositories import PaymentRepository, RefundRepository
from project.settings import settings

log = structlog.get_logger(__name__)


class NothingToRefund(AppError):
    status = 409
    type = "nothing-to-refund"
    message = _("More than was paid cannot be refunded.")
    about = ("amount", "lines")


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


async def apply_report(session: AsyncSession, report: Report) -> None:
    """Move the payment to what the provider says, in whatever order and however often it says it.

    Amounts that do not agree with what was asked for, or with what came already, settle nothing: they are noted for a
    person to see to.
    """
    payment = await PaymentRepository(session=session).lock_one(Payment.id == report.payment_id)
    if payment is None:
        return
    if report.state is PaymentState.confirmed and not _agrees(payment, report):
        await _note_discrepancy(session, payment, report)
        if payment.state in ACTIVE:
            await _move(session, payment, PaymentState.cancelled, report)
    elif payment.state != report.state and payment.may_move(report.state):
        await _move(session, payment, report.state, report)
        if payment.state is PaymentState.confirmed:
            await _capture(session, payment, report)


def _agrees(payment: Payment, report: Report) -> bool:
    """A wrong amount of the right currency is taken, and goes back when its owner cannot use it."""
    is_same = payment.state is not PaymentState.confirmed or payment.captured == report.captured
    return is_same and payment.currency == report.currency


async def _note_discrepancy(session: AsyncSession, payment: Payment, report: Report) -> None:
    """Once, however often it is reported."""
    said = {"amount": report.captured, "currency": report.currency}
    new = insert(Discrepancy).values(id=uuid7(), payment_id=payment.id, **said)
    if await session.scalar(new.on_conflict_do_nothing().returning(Discrepancy.id)) is None:
        return
    log.error("payments.discrepancy", payment=str(payment.id), **said)
    payment.dismissed_at = None
    record(session, "payments.discrepancy", payment, after=said)
    await publish(session, PaymentDisagreed(payment.id, payment.owner_id, report.captured, report.currency))


async def _move(session: AsyncSession, payment: Payment, state: PaymentState, report: Report) -> None:
    before = payment.state
    payment.move(state)
    payment.dismissed_at = None
    payment.failure = (report.failure or Failure.other) if state is PaymentState.failed else None
    after: dict[str, Any] = {"state": state, "captured": report.captured, "currency": report.currency}
    if payment.failure:
        after["failure"] = payment.failure
    record(session, "payments.report", payment, before={"state": before}, after=after)
    if payment.failure:
        await publish(session, PaymentFailed(payment.id, payment.owner_id))


async def _capture(session: AsyncSession, payment: Payment, report: Report) -> None:
    payment.captured = report.captured
    payment.confirmed_at = payment.checked_at = await now(session)
    await publish(session, PaymentConfirmed(payment.id, payment.owner_id))


async def ask(db: Database, payment_id: UUID, *, patience: float | None = None) -> bool:
    """Ask the provider about a payment nothing was heard of; one it never opened is left to expire with its owner.

    Whether it is known now how the payment stands. Raises ProviderDown, also after `patience` seconds.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).get(payment_id)
    if payment.reference is None or payment.state not in ACTIVE:
        return True
    return await _hear(db, payment, provider_named(payment.provider).look_up(payment.reference), patience=patience)


async def close(db: Database, owner_id: UUID) -> None:
    """End the owner's active payment at its provider, so that nobody can pay there any more.

    The provider's last word is applied: it may be that the money has just come.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).lock_active(owner_id)
    if payment is None:
        return
    if payment.reference is not None:
        await _hear(db, payment, provider_named(payment.provider).close(payment.reference))
    else:
        await _apply(db, Report(payment.id, PaymentState.cancelled, 0, payment.currency))


async def _hear(db: Database, payment: Payment, answer: Awaitable[Report], *, patience: float | None = None) -> bool:
    """What cannot be changes nothing: the payment stays open, and is told of as one without an answer."""
    try:
        async with asyncio.timeout(patience):
            report = await answer
    except NotUnderstood as reason:
        log.error("payments.answer_not_understood", payment=str(payment.id), reason=str(reason))
        return False
    except TimeoutError as error:
        raise ProviderDown(reason=type(error).__name__) from error
    await _apply(db, report)
    return True


async def _apply(db: Database, report: Report) -> None:
    async with db.begin() as session:
        await apply_report(session, report)


async def settled(session: AsyncSession, payment: Payment) -> None:
    """The owner of the locked, confirmed payment has taken its money or sent it back: nobody has to be told again."""
    if payment.settled_at is None:
        payment.settled_at = await now(session)


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
        payment.dismissed_at = None
        await publish(session, RefundFailed(refund.id, payment.owner_id))
    record(session, "payments.refund_report", refund, before={"state": before}, after={"state": refund.state})
