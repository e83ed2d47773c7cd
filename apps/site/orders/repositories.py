"""What the page of an order asks the database beyond what the apps below already tell."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.payments.models import ACTIVE
from apps.payments.providers import HowToPay, provider_named
from apps.payments.repositories import PAYMENTS, REFUNDS


async def refunds_of(connection: AsyncConnection, owner_id: UUID) -> list[Row[Any]]:
    """Money that went back, or is on its way: amount, currency and state, oldest first."""
    found = (
        select(REFUNDS.c.amount, PAYMENTS.c.currency, REFUNDS.c.state)
        .join(PAYMENTS, PAYMENTS.c.id == REFUNDS.c.payment_id)
        .where(PAYMENTS.c.owner_id == owner_id)
        .order_by(REFUNDS.c.created_at)
    )
    return list(await connection.execute(found))


@dataclass(frozen=True, slots=True)
class OfflinePayment:
    """What a fan needs to know who has chosen to pay without a page of a provider's."""

    provider: str
    how: HowToPay


async def offline_payment_of(connection: AsyncConnection, owner_id: UUID) -> OfflinePayment | None:
    """None while the owner's active payment, if there is one, is at a provider's page."""
    found = select(PAYMENTS.c.provider).where(PAYMENTS.c.owner_id == owner_id, PAYMENTS.c.state.in_(ACTIVE))
    name = await connection.scalar(found)
    how = provider_named(name).how_to_pay if name else None
    return OfflinePayment(name, how) if name and how else None
