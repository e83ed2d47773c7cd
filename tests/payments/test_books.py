"""What is written into the books: by whatever reports, in whatever order, and by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.payments.apply_reports import apply_report
from apps.payments.books.balances import balances_of
from apps.payments.books.by_hand import EnteredAlready, NotReversible, enter, reverse
from apps.payments.books.completing import complete
from apps.payments.books.models import Account
from apps.payments.books.schemas import EntryIn
from apps.payments.disputes import apply_dispute
from apps.payments.models import DisputeState, Payment, PaymentState, RefundState
from apps.payments.providers import DisputeReport, RefundReport, Report
from apps.payments.refunds import NothingToRefund, apply_refund_report, promise_refund
from apps.payments.repositories import PaymentRepository
from tests.journeys.customer import sql
from tests.kernel.books import mistakes

pytestmark = pytest.mark.anyio
PAID, FEE = 1000, 31
STEPS = st.one_of(
    st.tuples(st.just("report"), st.sampled_from(PaymentState), st.sampled_from([PAID, PAID + 1])),
    st.tuples(st.just("refund"), st.integers(0, 2), st.integers(1, 600)),
    st.tuples(st.just("refund_report"), st.integers(0, 2), st.sampled_from(RefundState)),
    st.tuples(st.just("dispute"), st.integers(0, 1), st.sampled_from(DisputeState)),
)


async def new_payment(db: Database) -> Payment:
    facts = {"provider": "demo", "amount": PAID, "currency": "EUR", "expires_at": datetime.now(UTC)}
    async with db.begin() as session:
        payment = Payment(owner_id=uuid4(), reference="r", charge_reference="r", **facts)
        session.add(payment)
    return payment


async def step(db: Database, payment: Payment, refunds: dict, what: str, *said: object) -> None:
    async with db.begin() as session:
        locked = await PaymentRepository(session=session).lock(payment.id)
        match what, *said:
            case "report", PaymentState() as state, int(amount):
                captured = amount if state is PaymentState.confirmed else 0
                await apply_report(session, Report(payment.id, state, captured, "EUR", fee=FEE if captured else 0))
            case "refund", key, int(amount):
                name = f"{payment.id}:{key}"
                made = await promise_refund(session, locked, key=name, amount=amount, reason="", actor="x")
                refunds[key] = made.id
            case "refund_report", key, RefundState() as state if key in refunds:
                await apply_refund_report(session, RefundReport(refunds[key], state, "r"))
            case "dispute", number, DisputeState() as state if locked.captured:
                await apply_dispute(session, locked, DisputeReport("r", f"d{number}", state, 100, "EUR"))


async def balances(db: Database, payment: Payment) -> dict[Account, tuple[int, int]]:
    async with db.reads() as connection:
        found = await balances_of(connection, owner_id=payment.owner_id)
    return {Account(each.account): (each.balance, each.pending) for each in found}


@given(steps=st.lists(STEPS, min_size=3, max_size=14))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_reported_the_balances_are_what_came_and_went(db: Database, steps: Sequence[tuple]) -> None:
    payment, refunds = await new_payment(db), {}
    for each in [("report", PaymentState.confirmed, PAID), *steps] if len(steps) % 2 else steps:
        try:
            await step(db, payment, refunds, *each)
        except NothingToRefund:
            continue
    found = await balances(db, payment)
    told = "SELECT captured, refunded FROM payment WHERE id = :id"
    ((captured, refunded),) = await sql(db, told, id=payment.id)
    done = "SELECT coalesce(sum(amount), 0)::int AS sum FROM refund WHERE payment_id = :id AND state = 'done'"
    ((sent,),) = await sql(db, done, id=payment.id)
    states = [
        row.state for row in await sql(db, "SELECT state FROM payment_dispute WHERE payment_id = :id", id=payment.id)
    ]
    held, lost = 100 * states.count("open"), 100 * states.count("lost")
    fee, nothing = (FEE if captured else 0), (0, 0)
    waiting = refunded - sent
    assert found.get(Account.orders, nothing) == (lost + sent - captured, waiting)
    assert found.get(Account.provider, nothing) == (captured - fee - sent - held - lost, -waiting)
    assert found.get(Account.fees, nothing) == (fee, 0)
    assert found.get(Account.disputed, nothing) == (held, 0)
    assert sum(balance for balance, _pending in found.values()) == 0
    assert await mistakes(db, done=False) == []


async def test_what_the_books_miss_is_written_once(db: Database) -> None:
    """As after a process of an older version."""
    payment = await new_payment(db)
    await sql(db, "UPDATE payment SET state = 'confirmed', captured = amount, refunded = 300, confirmed_at = now()")
    refund = "INSERT INTO refund (id, payment_id, key, amount, reason, state) VALUES (:id, :p, 'k', 300, '', 'done')"
    await sql(db, refund, id=uuid4(), p=payment.id)
    for _ in range(2):
        async with db.begin() as session:
            await complete(session, await PaymentRepository(session=session).lock(payment.id))
        assert (await balances(db, payment))[Account.provider] == (PAID - 300, 0)
    assert await mistakes(db, done=False) == []


async def test_a_payout_is_entered_once_and_reversed_once(db: Database) -> None:
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    payout = EntryIn("payout", "demo", 500, "EUR", moment, "po_1")
    async with db.begin() as session:
        made = await enter(session, payout, actor="user:1")
    await refused(db, EnteredAlready, lambda session: enter(session, payout, actor="user:1"))
    async with db.begin() as session:
        back = await reverse(session, made, actor="user:1")
    for each in (made, back):
        await refused(db, NotReversible, lambda session, each=each: reverse(session, each, actor="user:1"))
    async with db.reads() as connection:
        assert [(each.account, each.balance) for each in await balances_of(connection)] == [
            ("bank", 0),
            ("provider", 0),
        ]


async def refused(db: Database, error: type[AppError], act: object) -> None:
    with pytest.raises(error):
        async with db.begin() as session:
            await act(session)
