"""What payments do in the background."""

from datetime import timedelta
from uuid import UUID

from apps.core.db import Database
from apps.core.events import subscribe
from apps.core.jobs import enqueue, job
from apps.payments import services
from apps.payments.events import PaymentLeftOpen, RefundPromised, WebhookReceived
from apps.payments.repositories import PaymentRepository, RefundRepository

QUIET = timedelta(minutes=2)
AT_ONCE = 200


@subscribe(WebhookReceived)
@job("payments.understand")
async def understand(db: Database, event_id: UUID) -> None:
    async with db.begin() as session:
        await services.understand(session, event_id)


@job("payments.ask")
async def ask(db: Database, payment_id: UUID) -> None:
    await services.ask(db, payment_id)


@subscribe(PaymentLeftOpen)
@job("payments.close")
async def close(db: Database, owner_id: UUID) -> None:
    await services.close(db, owner_id)


@subscribe(RefundPromised)
@job("payments.send_refund")
async def send_refund(db: Database, refund_id: UUID) -> None:
    await services.send_refund(db, refund_id)


@job("payments.chase", every="* * * * *")
async def chase(db: Database) -> None:
    """Ask about payments and refunds that have been quiet for two minutes: a webhook may be lost."""
    async with db.begin() as session:
        payments = await PaymentRepository(session=session).claim_unsettled(older_than=QUIET, limit=AT_ONCE)
        refunds = await RefundRepository(session=session).claim_unsent(older_than=QUIET, limit=AT_ONCE)
        await enqueue(session, *(ask.call(payment_id=id, once=f"payments.ask:{id}") for id in payments))
        await enqueue(session, *(send_refund.call(refund_id=id, once=f"payments.send_refund:{id}") for id in refunds))
