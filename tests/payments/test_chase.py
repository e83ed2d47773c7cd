"""Asking again about what was not heard of: everything gets its turn."""

from datetime import timedelta

import pytest
from sqlalchemy import func
from uuid_utils.compat import uuid7

from apps.core.db import Database
from apps.payments.models import Payment, PaymentState, Refund
from apps.payments.repositories import RefundRepository

pytestmark = pytest.mark.anyio


async def test_refunds_that_stay_in_transit_do_not_starve_the_others(db: Database) -> None:
    async with db.begin() as session:
        payment = Payment(owner_id=uuid7(), provider="demo", amount=9, currency="EUR", captured=9, refunded=3)
        payment.state, payment.expires_at = PaymentState.confirmed, func.now()
        session.add(payment)
        await session.flush()
        for number in range(3):
            long_ago = func.now() - timedelta(days=1)
            session.add(Refund(payment_id=payment.id, key=str(number), amount=1, reason="", checked_at=long_ago))
    asked = []
    for _ in range(4):
        async with db.begin() as session:
            found = await RefundRepository(session=session).claim_unsent(older_than=timedelta(minutes=2), limit=1)
            asked += found
    assert len(asked) == len(set(asked)) == 3
