"""Payments of owners whom nobody asks about, as they are before their providers are asked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.payments.models import Payment
from apps.payments.starting.prepare import PaymentWanted, prepare_payments


async def prepare(connection: AsyncConnection, owner: UUID, *, amount: int, pay_until: datetime) -> Payment:
    (payment,) = await prepare_payments(connection, [PaymentWanted(owner, "demo", amount, "EUR", pay_until)])
    assert isinstance(payment, Payment)
    return payment
