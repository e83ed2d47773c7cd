"""What the page of an order asks the database beyond what the apps below already tell."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

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
