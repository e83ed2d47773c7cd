"""A difference is looked at again: the provider is asked about the payment, and what follows is compared anew."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from apps.core.db.database import Database
from apps.payments.apply_reports import apply_at_once
from apps.payments.books.completing import complete
from apps.payments.models import PaymentState, Refund, RefundState
from apps.payments.providers import NotUnderstood, PaymentGone, provider_named
from apps.payments.reconciliation.differences import DifferenceRepository
from apps.payments.reconciliation.services import reconcile
from apps.payments.refunds import send_refund
from apps.payments.repositories import PaymentRepository

AROUND = timedelta(hours=1)


async def look_again(db: Database, difference_id: UUID) -> None:
    """Whatever the provider says of it is applied, and what the books miss is written.

    Raises NotFound, ProviderDown, ProviderRefused, NoTransactions.
    """
    async with db.begin() as session:
        difference = await DifferenceRepository(session=session).find_locked(difference_id)
    if difference.payment_id is not None:
        await _ask_about(db, difference.payment_id)
        async with db.begin() as session:
            payment = await PaymentRepository(session=session).lock(difference.payment_id)
            await complete(session, payment)
    moment = difference.happened_at
    await reconcile(db, difference.provider, moment - AROUND, moment + AROUND)


async def _ask_about(db: Database, payment_id: UUID) -> None:
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).get(payment_id)
        under_way = Refund.state.in_([RefundState.created, RefundState.in_transit])
        refunds = list(await session.scalars(select(Refund.id).where(Refund.payment_id == payment_id, under_way)))
    if payment.reference is not None and payment.state is not PaymentState.confirmed:
        with suppress(PaymentGone, NotUnderstood):  # the comparison says what it knows of it
            await apply_at_once(db, await provider_named(payment.provider).fetch(payment.reference))
    for id in refunds:
        await send_refund(db, id)
