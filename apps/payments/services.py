"""Money in through a provider. No network call is made while a row is locked: a function makes it, or locks.

Asking:   prepare (transaction) → start_at_provider (network, then its own transaction)
Hearing:  inbox.webhooks.receive → apply_reports; or ask, when nothing was heard; or came_back
"""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.payments.apply_reports import apply_at_once
from apps.payments.events import PageStaysOpen
from apps.payments.models import ACTIVE, Payment, PaymentState
from apps.payments.providers import (
    NotUnderstood,
    PaymentGone,
    PaymentRequest,
    ProviderDown,
    ProviderRefused,
    Report,
    provider_named,
    refuse_unfit,
)
from apps.payments.repositories import PaymentRepository

SETTLING = timedelta(minutes=5)
"""After a page has ended: what was paid at the last moment is known by then."""
log = structlog.get_logger(__name__)


class PaymentOver(AppError):
    status = 409
    type = "payment-over"
    message = _("This payment can no longer be made.")


class PaymentElsewhere(AppError):
    status = 409
    type = "payment-elsewhere"
    message = _("Another payment has just been started. Please try again in a moment.")


async def prepare(
    session: AsyncSession, owner_id: UUID, *, provider: str, amount: int, currency: str, pay_until: datetime
) -> Payment:
    """The owner's active payment at the provider, or a new one. The caller holds the owner's lock.

    Raises ProviderUnknown, ProviderUnfit; PaymentElsewhere while one is active at another provider: leave that first.
    """
    refuse_unfit(provider, amount, currency)
    active = await PaymentRepository(session=session).lock_active(owner_id)
    if active is not None and active.provider != provider:
        raise PaymentElsewhere
    if active is not None:
        return active
    ends = page_end(provider, at=await now(session), pay_until=pay_until)
    payment = Payment(owner_id=owner_id, provider=provider, amount=amount, currency=currency, expires_at=ends)
    session.add(payment)
    await session.flush()
    return payment


def page_end(provider: str, *, at: datetime, pay_until: datetime) -> datetime:
    """When the page is to end by itself: so late that it may still be asked for at the last moment.

    The owner closes it at `pay_until`.
    """
    can = provider_named(provider).capabilities
    return min(pay_until + can.shortest, at + can.longest)


async def leave_others(db: Database, owner_id: UUID, *, provider: str) -> None:
    """The owner would rather pay by `provider`: the page at any other is closed first. Raises ProviderDown."""
    async with db.begin() as session:
        active = await PaymentRepository(session=session).lock_active(owner_id)
    if active is not None and active.provider != provider:
        await close(db, owner_id)


async def start_at_provider(
    db: Database, payment: Payment, *, description: str, return_url: str, cancel_url: str, locale: str
) -> Payment:
    """The payment with its `pay_url`. Repeating it resumes the same page: the provider knows the payment by our id."""
    if payment.pay_url:
        return payment
    request = PaymentRequest(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        description=description,
        return_url=return_url,
        cancel_url=cancel_url,
        expires_at=payment.expires_at,
        locale=locale,
    )
    try:
        started = await provider_named(payment.provider).start(request)
    except ProviderRefused as refusal:
        log.error("payments.start_refused", payment=str(payment.id), **refusal.details)
        raise
    async with db.begin() as session:
        locked = await PaymentRepository(session=session).lock(payment.id)
        locked.reference, locked.pay_url = started.reference, started.pay_url
        if locked.state is PaymentState.created:
            locked.move(PaymentState.pending)
    if locked.state is PaymentState.cancelled:
        await _hear(db, locked, provider_named(locked.provider).close(started.reference))
        raise PaymentOver
    return locked


async def ask(db: Database, payment_id: UUID, *, patience: float | None = None) -> bool:
    """Ask the provider about a payment nothing was heard of; one it never opened is left to expire with its owner.

    Whether it is known now how the payment stands. Raises ProviderDown, also after `patience` seconds.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).get(payment_id)
    if payment.reference is None or payment.state not in ACTIVE:
        return True
    return await _hear(db, payment, provider_named(payment.provider).fetch(payment.reference), patience=patience)


async def came_back(db: Database, owner_id: UUID, query: Mapping[str, str], *, patience: float) -> None:
    """The fan is back from the provider's page: its word is applied at once. Raises ProviderDown."""
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).lock_active(owner_id)
    if payment is not None and payment.reference is not None:
        provider = provider_named(payment.provider)
        await _hear(db, payment, provider.returned(payment.reference, query), patience=patience)


async def close(db: Database, owner_id: UUID) -> None:
    """End the owner's active payment at its provider, so that nobody can pay there any more.

    The provider's last word is applied: it may be that the money has just come.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).lock_active(owner_id)
    if payment is None:
        return
    if payment.reference is None:
        await apply_at_once(db, Report(payment.id, PaymentState.cancelled, 0, payment.currency))
        return
    provider = provider_named(payment.provider)
    await _hear(db, payment, provider.close(payment.reference))
    if not provider.capabilities.closes_pages:
        async with db.begin() as session:
            await publish(session, PageStaysOpen(payment.id))


async def look_for_late_money(db: Database, payment_id: UUID) -> timedelta:
    """Ask about a page that could not be closed, when its time is over; until then, how long that is.

    Raises ProviderDown.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).get(payment_id)
        wait = payment.expires_at + SETTLING - await now(session)
    if wait <= timedelta(0) and payment.reference is not None and payment.state is PaymentState.cancelled:
        await _hear(db, payment, provider_named(payment.provider).fetch(payment.reference))
    return max(wait, timedelta(0))


async def _hear(db: Database, payment: Payment, answer: Awaitable[Report], *, patience: float | None = None) -> bool:
    """What cannot be changes nothing: the payment stays open, and is told of as one without an answer."""
    try:
        async with asyncio.timeout(patience):
            report = await answer
    except PaymentGone:
        report = Report(payment.id, PaymentState.cancelled, 0, payment.currency)
    except NotUnderstood as reason:
        log.error("payments.answer_not_understood", payment=str(payment.id), reason=str(reason))
        return False
    except ProviderRefused as refusal:
        log.error("payments.asking_refused", payment=str(payment.id), **refusal.details)
        return False
    except TimeoutError as error:
        raise ProviderDown(reason=type(error).__name__) from error
    await apply_at_once(db, report)
    return True


async def settled(session: AsyncSession, payment: Payment) -> None:
    """The owner of the locked, confirmed payment has taken its money or sent it back: nobody has to be told again."""
    if payment.settled_at is None:
        payment.settled_at = await now(session)
