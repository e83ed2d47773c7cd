"""Named queries and locks over payments and refunds."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among_ids
from apps.core.db.repositories import LockingRepository
from apps.payments.models import ACTIVE, Payment, PaymentState, Refund, RefundState, WebhookEvent

PAYMENTS = Payment.table()
REFUNDS = Refund.table()
IS_UNSETTLED = and_(Payment.state == literal_column(f"'{PaymentState.confirmed}'"), Payment.settled_at.is_(None))
"""The money is here, and its owner has neither taken it nor sent it back."""


OWNERS_OF_PAYMENTS = select(PAYMENTS.c.id, PAYMENTS.c.owner_id, PAYMENTS.c.provider).where(among_ids(PAYMENTS.c.id))
FIND_PAYMENTS = select(PAYMENTS).where(among_ids(PAYMENTS.c.id)).order_by(PAYMENTS.c.id)
LOCK_PAYMENTS = FIND_PAYMENTS.with_for_update(key_share=True)
LOCK_FREE_PAYMENTS = FIND_PAYMENTS.with_for_update(key_share=True, skip_locked=True)
"""By `ids`, in the order in which everybody locks them; those that others have locked are waited for, or left out."""
IS_ACTIVE = PAYMENTS.c.state.in_(ACTIVE)
LOCK_ACTIVE_PAYMENTS = (
    select(PAYMENTS)
    .where(among_ids(PAYMENTS.c.owner_id), IS_ACTIVE)
    .order_by(PAYMENTS.c.id)
    .with_for_update(key_share=True)
)
"""By the `ids` of their owners."""
OWNERS_WITH_MONEY = select(PAYMENTS.c.owner_id).where(among_ids(PAYMENTS.c.owner_id), IS_UNSETTLED)
ACTIVE_OWNERS = select(PAYMENTS.c.owner_id).where(among_ids(PAYMENTS.c.owner_id), IS_ACTIVE)


async def owners_with_active_payments(connection: AsyncConnection, ids: Collection[UUID]) -> Sequence[UUID]:
    """Of these, those who have a payment that may still be paid."""
    return (await connection.scalars(ACTIVE_OWNERS, {"ids": list(ids)})).all()


async def owners_with_money(connection: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    """Of these, those for whom money came that waits to be settled."""
    return set(await connection.scalars(OWNERS_WITH_MONEY, {"ids": list(ids)}))


class PaymentRepository(LockingRepository[Payment]):
    model_type = Payment

    async def lock_active(self, owner_id: UUID) -> Payment | None:
        """The one payment of the owner that may still be paid."""
        return await self.lock_one(Payment.owner_id == owner_id, Payment.state.in_(ACTIVE))

    async def at_provider(self, owner_id: UUID) -> UUID | None:
        """The owner's payment that may have been made, and was not heard of."""
        opened = (Payment.owner_id == owner_id, Payment.state.in_(ACTIVE), Payment.reference.is_not(None))
        return (await self.session.execute(select(Payment.id).where(*opened))).scalar_one_or_none()

    async def has_money(self, owner_id: UUID) -> bool:
        """Whether money came for the owner that waits to be settled."""
        found = select(Payment.id).where(Payment.owner_id == owner_id, IS_UNSETTLED)
        return (await self.session.execute(found.limit(1))).first() is not None

    async def claim_quiet(self, *, older_than: timedelta, limit: int) -> list[UUID]:
        """Payments not heard of for `older_than`, marked as asked about so that the next round takes others."""
        due = (Payment.state.in_(ACTIVE), Payment.checked_at < func.now() - older_than)
        return [payment.id for payment in await self._claim(*due, limit=limit)]

    async def claim_unsettled(self, *, older_than: timedelta, limit: int) -> list[Payment]:
        """Payments whose money nobody took for `older_than`; each time it waits as long again as it has waited."""
        waited = func.greatest(older_than, Payment.checked_at - Payment.confirmed_at)
        return await self._claim(IS_UNSETTLED, Payment.checked_at < func.now() - waited, limit=limit)

    async def _claim(self, *due: ColumnElement[bool], limit: int) -> list[Payment]:
        found = select(Payment).where(*due).order_by(Payment.checked_at).limit(limit)
        payments = list((await self.session.scalars(found.with_for_update(key_share=True, skip_locked=True))).all())
        for payment in payments:
            payment.checked_at = func.clock_timestamp()
        return payments


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


class WebhookRepository(LockingRepository[WebhookEvent]):
    model_type = WebhookEvent
