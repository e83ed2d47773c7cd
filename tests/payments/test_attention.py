"""Which payments wait for somebody, and that none does once it is dismissed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.payments.attention import (
    HAS_FAILED,
    IS_SILENT,
    REFUND_FAILED_LATELY,
    WAITS_FOR_ORDER,
    NothingToSettle,
    settle_again,
)
from apps.payments.models import Payment, PaymentState, Refund, RefundState
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def make_payment(db: Database, state: PaymentState, *, ago: timedelta, **facts: Any) -> Payment:
    """Its time to pay ended, or its money came, that long ago."""
    moment = func.now() - ago
    came = {"captured": 9, "confirmed_at": moment} if state is PaymentState.confirmed else {}
    owner = {"owner_id": uuid7(), "provider": "demo", "amount": 9, "currency": "EUR"}
    payment = Payment(**owner, state=state, expires_at=moment, **came, **facts)
    async with db.begin() as session:
        session.add(payment)
    return payment


async def waiting(db: Database, which: ColumnElement[bool]) -> list[str]:
    async with db.begin() as session:
        return sorted((await session.scalars(select(Payment.state).where(which))).all())


async def dismissed(db: Database, which: ColumnElement[bool]) -> list[str]:
    await sql(db, "UPDATE payment SET dismissed_at = now()")
    return await waiting(db, which)


async def test_silence_is_told_of_after_a_quarter_of_an_hour(db: Database) -> None:
    for state in PaymentState:
        for minutes in (10, 20, 30):
            await make_payment(db, state, ago=minutes * MINUTE)
    assert await waiting(db, IS_SILENT) == ["created", "created", "pending", "pending"]
    assert await waiting(db, HAS_FAILED) == ["failed"] * 3
    assert await dismissed(db, IS_SILENT) == await dismissed(db, HAS_FAILED) == []


async def test_so_is_money_that_no_order_took(db: Database) -> None:
    for minutes, settled_at in ((10, None), (20, None), (20, func.now())):
        await make_payment(db, PaymentState.confirmed, ago=minutes * MINUTE, settled_at=settled_at)
    assert await waiting(db, WAITS_FOR_ORDER) == ["confirmed"]
    assert await dismissed(db, WAITS_FOR_ORDER) == []


async def test_a_refund_that_failed_is_told_of_for_two_weeks(db: Database) -> None:
    for number, (days, state) in enumerate(((13, "failed"), (15, "failed"), (16, "failed"), (1, "done"))):
        payment = await make_payment(db, PaymentState.confirmed, ago=DAY)
        facts = {"key": str(number), "amount": 1, "reason": "", "state": RefundState(state)}
        async with db.begin() as session:
            session.add(Refund(payment_id=payment.id, created_at=func.now() - days * DAY, **facts))
    assert await waiting(db, REFUND_FAILED_LATELY) == ["confirmed"]
    assert await dismissed(db, REFUND_FAILED_LATELY) == []


@pytest.mark.parametrize(("state", "settled_at"), [(PaymentState.pending, None), (PaymentState.confirmed, func.now())])
async def test_only_money_that_no_order_took_is_settled_again(
    db: Database, state: PaymentState, settled_at: Any
) -> None:
    payment = await make_payment(db, state, ago=DAY, settled_at=settled_at)
    async with db.begin() as session:
        with pytest.raises(NothingToSettle):
            await settle_again(session, await session.get_one(Payment, payment.id), actor="manager")
    assert await sql(db, "SELECT id FROM pgqueuer") == []
