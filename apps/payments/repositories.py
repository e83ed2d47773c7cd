"""Named queries and locks over payments and refunds."""

from datetime import timedelta
from uuid import UUID

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import BigInteger, cast, exists, func, select

from apps.core.repositories import LockingRepository
from apps.payments.models import ACTIVE, Payment, Refund, RefundState, WebhookEvent


class PaymentRepository(LockingRepository[Payment]):
    model_type = Payment

    async def lock_active(self, owner_id: UUID) -> Payment | None:
        """The one payment of the owner that may still be paid."""
        return await self.lock_one(Payment.owner_id == owner_id, Payment.state.in_(ACTIVE))

    async def has_money(self, owner_id: UUID) -> bool:
        """Whether money came for the owner that waits to be settled: none of it was ever sent back."""
        sent_back = exists().where(Refund.payment_id == Payment.id)
        found = select(Payment.id).where(Payment.owner_id == owner_id, Payment.captured > 0, ~sent_back)
        return (await self.session.execute(found.limit(1))).first() is not None

    async def claim_unsettled(self, *, older_than: timedelta, limit: int) -> list[UUID]:
        """Payments not heard of for `older_than`, marked as asked about so that the next round takes others."""
        due = select(Payment).where(Payment.state.in_(ACTIVE), Payment.checked_at < func.now() - older_than)
        found = due.order_by(Payment.checked_at).limit(limit).with_for_update(skip_locked=True)
        payments = list((await self.session.execute(found)).scalars())
        for payment in payments:
            payment.checked_at = func.clock_timestamp()
        return [payment.id for payment in payments]


class RefundRepository(LockingRepository[Refund]):
    model_type = Refund

    async def by_key(self, key: str) -> Refund | None:
        return await self.get_one_or_none(key=key)

    async def promised(self, payment_id: UUID) -> int:
        """Minor units sent back, or on their way."""
        whole = cast(func.coalesce(func.sum(Refund.amount), 0), BigInteger)
        kept = select(whole).where(Refund.payment_id == payment_id)
        return (await self.session.execute(kept.where(Refund.state != RefundState.failed))).scalar_one()

    async def claim_unsent(self, *, older_than: timedelta, limit: int) -> list[UUID]:
        """Refunds not heard of for `older_than`, marked as asked about so that the next round takes others."""
        waiting = Refund.state.in_([RefundState.created, RefundState.in_transit])
        due = select(Refund).where(waiting, Refund.checked_at < func.now() - older_than)
        found = due.order_by(Refund.checked_at).limit(limit).with_for_update(skip_locked=True)
        refunds = list((await self.session.execute(found)).scalars())
        for refund in refunds:
            refund.checked_at = func.clock_timestamp()
        return [refund.id for refund in refunds]


class WebhookRepository(SQLAlchemyAsyncRepository[WebhookEvent]):
    model_type = WebhookEvent
