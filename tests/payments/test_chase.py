"""Asking again about what was not heard of: everything gets its turn, once at a time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.payments.jobs import chase
from apps.payments.models import Payment, PaymentState, Refund, RefundState
from apps.payments.repositories import PaymentRepository, RefundRepository
from tests.journeys.customer import sql
from tests.kernel.processes import standing_in_the_way

pytestmark = pytest.mark.anyio
LONG_AGO = func.now() - timedelta(days=1)
QUIET = timedelta(minutes=2)


async def make_payment(db: Database, state: PaymentState, **facts: Any) -> UUID:
    """One that nothing was heard of for a day."""
    came = {"captured": 9, "refunded": 3, "confirmed_at": LONG_AGO} if state is PaymentState.confirmed else {}
    payment = Payment(owner_id=uuid7(), provider="demo", amount=9, currency="EUR", state=state, **came, **facts)
    payment.checked_at = payment.expires_at = LONG_AGO
    async with db.begin() as session:
        session.add(payment)
    return payment.id


async def make_refunds(db: Database, *states: RefundState) -> None:
    """Of one payment that is settled; nothing was heard of them for a day."""
    payment = await make_payment(db, PaymentState.confirmed, settled_at=LONG_AGO)
    async with db.begin() as session:
        for number, state in enumerate(states):
            facts = {"key": str(number), "amount": 1, "reason": "", "state": state}
            session.add(Refund(payment_id=payment, checked_at=LONG_AGO, **facts))


async def claimed(db: Database, kind: type[Any], *, limit: int) -> list[UUID]:
    async with db.begin() as session:
        if kind is Payment:
            return await PaymentRepository(session=session).claim_quiet(older_than=QUIET, limit=limit)
        return await RefundRepository(session=session).claim_unsent(older_than=QUIET, limit=limit)


@pytest.fixture(params=[Payment, Refund])
async def kind(db: Database, request: pytest.FixtureRequest) -> type[Any]:
    """Of which there are three to be asked about."""
    if request.param is Payment:
        for state in (PaymentState.created, PaymentState.pending, PaymentState.failed):
            await make_payment(db, state)
    else:
        await make_refunds(db, RefundState.created, RefundState.in_transit, RefundState.in_transit)
    return request.param


async def test_what_stays_quiet_does_not_starve_the_others(db: Database, kind: type[Any]) -> None:
    asked = [id for _ in range(4) for id in await claimed(db, kind, limit=1)]
    assert len(asked) == len(set(asked)) == 3


async def test_what_others_work_on_is_left_to_them(db: Database, kind: type[Any]) -> None:
    table = kind.__tablename__
    first, *others = [row.id for row in await sql(db, f"SELECT id FROM {table} ORDER BY id")]
    async with standing_in_the_way(db, f"SELECT 1 FROM {table} WHERE id = '{first}' FOR UPDATE"):
        assert sorted(await claimed(db, kind, limit=9)) == others


async def test_nothing_is_put_into_the_queue_twice(db: Database) -> None:
    await make_payment(db, PaymentState.pending)
    await make_payment(db, PaymentState.confirmed)
    await make_refunds(db, RefundState.in_transit, RefundState.done, RefundState.failed)
    for _ in range(2):
        await chase.run(db, None)
        for table in ("payment", "refund"):
            await sql(db, f"UPDATE {table} SET checked_at = now() - interval '1 day'")
    queued = await sql(db, "SELECT entrypoint FROM pgqueuer ORDER BY entrypoint")
    assert queued == [("checkout.settle",), ("payments.ask",), ("payments.send_refund",)]
