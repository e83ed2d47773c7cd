"""What payments do in the background."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from apps.core.db.database import Database
from apps.core.events import calls_for, subscribe
from apps.core.jobs import Call, enqueue, job
from apps.payments import refunds, services
from apps.payments.events import (
    PageStaysOpen,
    PaymentApproved,
    PaymentConfirmed,
    PaymentLeftOpen,
    RefundPromised,
    WebhookReceived,
)
from apps.payments.inbox import webhooks
from apps.payments.models import Payment
from apps.payments.repositories import PaymentRepository, RefundRepository
from apps.payments.setup.trying import add_new_providers

QUIET = timedelta(minutes=2)
AT_ONCE = 200


@subscribe(WebhookReceived)
@job("payments.understand")
async def understand(db: Database, event_id: UUID) -> None:
    async with db.begin() as session:
        await webhooks.understand(session, event_id)


@subscribe(PaymentApproved)
@job("payments.ask")
async def ask(db: Database, payment_id: UUID) -> None:
    await services.ask(db, payment_id)


@subscribe(PaymentLeftOpen)
@job("payments.close")
async def close(db: Database, owner_id: UUID) -> None:
    await services.close(db, owner_id)


@subscribe(PageStaysOpen)
@job("payments.look_for_late_money")
async def look_for_late_money(db: Database, payment_id: UUID) -> None:
    """Its webhook may have been lost."""
    wait = await services.look_for_late_money(db, payment_id)
    if wait > timedelta(0):
        async with db.begin() as session:
            await enqueue(session, look_for_late_money.call(after=wait, payment_id=payment_id))


@subscribe(RefundPromised)
@job("payments.send_refund")
async def send_refund(db: Database, refund_id: UUID) -> None:
    await refunds.send_refund(db, refund_id)


@job("payments.add_new_providers", every="11 * * * *")
async def add_new(db: Database) -> None:
    await add_new_providers(db)


@job("payments.chase", every="* * * * *")
async def chase(db: Database) -> None:
    """Ask about payments and refunds that have been quiet for two minutes: a webhook may be lost.

    A job may be lost as well: money that nobody took by then is announced again.
    """
    async with db.begin() as session:
        payments = await PaymentRepository(session=session).claim_quiet(older_than=QUIET, limit=AT_ONCE)
        unsettled = await PaymentRepository(session=session).claim_unsettled(older_than=QUIET, limit=AT_ONCE)
        unsent = await RefundRepository(session=session).claim_unsent(older_than=QUIET, limit=AT_ONCE)
        await enqueue(session, *(ask.call(payment_id=id, dedupe_key=f"payments.ask:{id}") for id in payments))
        await enqueue(
            session, *(send_refund.call(refund_id=id, dedupe_key=f"payments.send_refund:{id}") for id in unsent)
        )
        await enqueue(session, *(call for payment in unsettled for call in announced_again(payment)))


def announced_again(payment: Payment) -> Iterator[Call]:
    """Not beside one that still waits in the queue."""
    for call in calls_for(PaymentConfirmed(payment.id, payment.owner_id)):
        yield replace(call, dedupe_key=f"{call.job}:{payment.id}")
