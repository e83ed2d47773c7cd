"""Payments are prepared, many at once: for each owner the one that is active, or a new one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.db.bulk import insert_rows
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.models import Payment, PaymentState
from apps.payments.providers import provider_named, refuse_unfit
from apps.payments.repositories import LOCK_ACTIVE_PAYMENTS, PAYMENTS

GIVEN = ("id", "owner_id", "provider", "amount", "currency", "state", "expires_at")


class PaymentElsewhere(AppError):
    status = 409
    type = "payment-elsewhere"
    message = _("Another payment has just been started. Please try again in a moment.")


@dataclass(frozen=True, slots=True)
class PaymentWanted:
    """`amount` in minor units; the owner closes the page at `pay_until`."""

    owner_id: UUID
    provider: str
    amount: int
    currency: str
    pay_until: datetime


async def prepare_payments(
    connection: AsyncConnection, wanted: Sequence[PaymentWanted]
) -> Sequence[Payment | AppError]:
    """For owners whom the caller has locked; of no session.

    Refused: ProviderUnknown, ProviderUnfit; PaymentElsewhere while one is active at another provider: leave that first.
    """
    active = await _lock_active(connection, {each.owner_id for each in wanted})
    known, moment = {payment.id for payment in active.values()}, await now(connection)
    prepared = [_prepare(each, active, moment) for each in wanted]
    new = [payment for payment in active.values() if payment.id not in known]
    await insert_rows(connection, PAYMENTS, [{name: getattr(each, name) for name in GIVEN} for each in new])
    return prepared


async def _lock_active(connection: AsyncConnection, owner_ids: Collection[UUID]) -> dict[UUID, Payment]:
    """By their owners."""
    if not owner_ids:
        return {}
    rows = await connection.execute(LOCK_ACTIVE_PAYMENTS, {"ids": list(owner_ids)})
    return {row.owner_id: Payment(**row._mapping) for row in rows}


def _prepare(wanted: PaymentWanted, active: dict[UUID, Payment], moment: datetime) -> Payment | AppError:
    try:
        refuse_unfit(wanted.provider, wanted.amount, wanted.currency)
    except AppError as refusal:
        return refusal
    payment = active.setdefault(wanted.owner_id, _new_payment(wanted, moment))
    return payment if payment.provider == wanted.provider else PaymentElsewhere()


def _new_payment(wanted: PaymentWanted, moment: datetime) -> Payment:
    return Payment(
        id=uuid7(),
        owner_id=wanted.owner_id,
        provider=wanted.provider,
        amount=wanted.amount,
        currency=wanted.currency,
        state=PaymentState.created,
        expires_at=page_end(wanted.provider, at=moment, pay_until=wanted.pay_until),
    )


def page_end(provider: str, *, at: datetime, pay_until: datetime) -> datetime:
    """When the page is to end by itself: so late that it may still be asked for at the last moment."""
    can = provider_named(provider).capabilities
    return min(pay_until + can.shortest, at + can.longest)
