"""Money in through a provider. No network call is made while a row is locked: a function makes it, or locks.

Asking:   starting.prepare (transaction) → starting.open_pages (network, then a transaction)
Hearing:  inbox.webhooks.receive → apply_reports; or ask, when nothing was heard; or came_back
"""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.database import Database, now
from apps.core.events import publish
from apps.payments.apply_reports import apply_at_once
from apps.payments.events import PageStaysOpen
from apps.payments.models import ACTIVE, Payment, PaymentState
from apps.payments.providers import (
    NotUnderstood,
    PaymentGone,
    ProviderDown,
    ProviderRefused,
    Report,
    provider_named,
)
from apps.payments.repositories import PaymentRepository

SETTLING = timedelta(minutes=5)
"""After a page has ended: what was paid at the last moment is known by then."""
log = structlog.get_logger(__name__)


async def ask(db: Database, payment_id: UUID, *, patience: float | None = None) -> bool:
    """Ask the provider about a payment nothing was heard of; one it never opened is left to expire with its owner.

    Whether it is known now how the payment stands. Raises ProviderDown, also after `patience` seconds.
    """
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).get(payment_id)
    if payment.reference is None or payment.state not in ACTIVE:
        return True
    return await hear(db, payment, provider_named(payment.provider).fetch(payment.reference), patience=patience)


async def came_back(db: Database, owner_id: UUID, query: Mapping[str, str], *, patience: float) -> None:
    """The fan is back from the provider's page: its word is applied at once. Raises ProviderDown."""
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).lock_active(owner_id)
    if payment is not None and payment.reference is not None:
        provider = provider_named(payment.provider)
        await hear(db, payment, provider.returned(payment.reference, query), patience=patience)


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
    await hear(db, payment, provider.close(payment.reference))
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
        await hear(db, payment, provider_named(payment.provider).fetch(payment.reference))
    return max(wait, timedelta(0))


async def hear(db: Database, payment: Payment, answer: Awaitable[Report], *, patience: float | None = None) -> bool:
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
