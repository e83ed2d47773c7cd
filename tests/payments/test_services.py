"""Payments against a bank in memory: opening, hearing, closing, sending back."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from apps.checkout.paying.payment_queue import PaymentQueue
from apps.core.db.database import Database, now
from apps.payments import providers, services
from apps.payments.apply_reports import apply_report
from apps.payments.jobs import chase
from apps.payments.models import Payment, PaymentState, RefundState
from apps.payments.providers import ProviderDown, RefundReport, Report
from apps.payments.refunds import NothingToRefund, apply_refund_report, promise_refund, send_refund
from apps.payments.repositories import PaymentRepository
from apps.payments.starting.open_pages import PaymentOver, open_page
from tests.journeys.customer import sql
from tests.kernel.bank import Bank
from tests.payments.preparing import prepare

pytestmark = pytest.mark.anyio
TOLD = {"description": "", "return_url": "", "cancel_url": "", "locale": "en"}


@pytest.fixture
async def bank(db: Database) -> AsyncIterator[Bank]:
    before, bank = providers.provider_named("demo"), Bank()
    providers.register(bank)
    yield bank
    providers.register(before)


async def prepared(db: Database, owner: UUID, *, amount: int = 1000) -> Payment:
    async with db.transaction() as connection:
        return await prepare(connection, owner, amount=amount, pay_until=await now(connection))


async def opened(db: Database, owner: UUID) -> Payment:
    payment = await prepared(db, owner)
    return await open_page(db, PaymentQueue(db).note_opened, payment, **TOLD)


async def hear(db: Database, report: Report) -> None:
    async with db.begin() as session:
        await apply_report(session, report)


async def promise(db: Database, payment: UUID, amount: int, *, key: str = "one") -> UUID:
    async with db.begin() as session:
        locked = await PaymentRepository(session=session).lock(payment)
        refund = await promise_refund(session, locked, key=key, amount=amount, reason="", actor="manager")
        return refund.id


async def paid(db: Database, bank: Bank) -> UUID:
    payment = await opened(db, uuid4())
    bank.pay(payment.id)
    await hear(db, bank.report(payment.id))
    return payment.id


async def test_an_owner_has_one_payment_at_a_time(db: Database, bank: Bank) -> None:
    owner = uuid4()
    first = await opened(db, owner)
    assert (await prepared(db, owner)).id == first.id
    await hear(db, Report(first.id, PaymentState.cancelled, 0, "EUR"))
    assert (await prepared(db, owner)).id != first.id
    with pytest.raises(IntegrityError, match="one_active"):
        await sql(db, "UPDATE payment SET state = 'pending'")


async def test_opening_again_is_the_same_page(db: Database, bank: Bank) -> None:
    payment = await opened(db, uuid4())
    assert (payment.state, payment.pay_url) == (PaymentState.pending, f"https://pay.test/{payment.id}")
    again = await open_page(db, PaymentQueue(db).note_opened, payment, **TOLD)
    assert again.pay_url == payment.pay_url
    assert list(bank.asked) == [payment.id]


async def test_a_payment_called_off_while_it_was_opened_cannot_be_made(db: Database, bank: Bank) -> None:
    payment = await prepared(db, uuid4())
    await hear(db, Report(payment.id, PaymentState.cancelled, 0, "EUR"))
    with pytest.raises(PaymentOver):
        await open_page(db, PaymentQueue(db).note_opened, payment, **TOLD)


async def test_a_provider_that_is_down_can_be_asked_again(
    db: Database, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(request: object) -> None:
        raise ProviderDown(reason="test")

    owner = uuid4()
    monkeypatch.setattr(bank, "start", down)
    with pytest.raises(ProviderDown):
        await opened(db, owner)
    monkeypatch.undo()
    assert (await opened(db, owner)).state is PaymentState.pending
    assert len(await sql(db, "SELECT * FROM payment")) == 1


async def test_money_is_announced_once_however_often_it_is_reported(db: Database, bank: Bank) -> None:
    payment = await opened(db, uuid4())
    bank.pay(payment.id)
    for _ in range(3):
        await hear(db, bank.report(payment.id))
    await services.ask(db, payment.id)
    await hear(db, Report(payment.id, PaymentState.pending, 0, "EUR"))
    assert len(await sql(db, "SELECT * FROM pgqueuer WHERE entrypoint = 'checkout.settle'")) == 1
    told = await sql(db, "SELECT captured, state, confirmed_at = checked_at FROM payment")
    assert told == [(1000, "confirmed", True)]
    assert await actions(db) == ["payments.report"]


async def actions(db: Database) -> list[str]:
    return [row.action for row in await sql(db, "SELECT action FROM audit_entry ORDER BY id")]


async def test_nobody_asks_about_what_was_never_opened_or_is_over(
    db: Database, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    payments = [(await prepared(db, uuid4())).id, await paid(db, bank)]
    monkeypatch.setattr(bank, "fetch", None)
    assert [await services.ask(db, payment) for payment in payments] == [True, True]


async def test_a_provider_that_answers_too_late_is_one_that_is_down(
    db: Database, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(reference: str) -> Report:
        await asyncio.Event().wait()
        raise AssertionError

    payment = await opened(db, uuid4())
    bank.pay(payment.id)
    monkeypatch.setattr(bank, "fetch", hang)
    with pytest.raises(ProviderDown):
        await services.ask(db, payment.id, patience=0.01)
    assert await sql(db, "SELECT state FROM payment") == [("pending",)]
    monkeypatch.undo()
    assert await services.ask(db, payment.id, patience=60)
    assert await sql(db, "SELECT state FROM payment") == [("confirmed",)]


async def test_an_answer_that_cannot_be_leaves_the_payment_open(
    db: Database, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def say_nonsense(reference: str) -> Report:
        return Report(UUID(reference), PaymentState.confirmed, 0, "EUR")

    owner = uuid4()
    payment = await opened(db, owner)
    for action in ("fetch", "close"):
        monkeypatch.setattr(bank, action, say_nonsense)
    assert not await services.ask(db, payment.id)
    await services.close(db, owner)
    assert await sql(db, "SELECT state, captured FROM payment") == [("pending", 0)]


async def test_what_is_reported_of_others_payments_is_passed_over(db: Database, bank: Bank) -> None:
    await hear(db, Report(uuid4(), PaymentState.confirmed, 1000, "EUR"))
    async with db.begin() as session:
        await apply_refund_report(session, RefundReport(uuid4(), RefundState.done, "x"))
    assert await sql(db, "SELECT * FROM audit_entry") == []


async def test_closing_hears_the_last_word(db: Database, bank: Bank) -> None:
    owner, late = uuid4(), uuid4()
    await opened(db, owner)
    bank.pay((await opened(db, late)).id)
    for each in (owner, late, uuid4()):
        await services.close(db, each)
    states = await sql(db, "SELECT owner_id, state FROM payment")
    assert dict(states) == {owner: "cancelled", late: "confirmed"}


async def test_what_may_have_been_paid_is_the_one_payment_that_is_open(db: Database, bank: Bank) -> None:
    owner = uuid4()
    for state, captured in ((PaymentState.cancelled, 0), (PaymentState.confirmed, 1000)):
        payment = await opened(db, owner)
        assert await at_provider(db, owner) == payment.id
        await hear(db, Report(payment.id, state, captured, "EUR"))
        assert await at_provider(db, owner) is None


async def at_provider(db: Database, owner: UUID) -> UUID | None:
    async with db.begin() as session:
        return await PaymentRepository(session=session).at_provider(owner)


async def test_no_more_goes_back_than_came_in(db: Database, bank: Bank) -> None:
    payment = await paid(db, bank)
    assert await promise(db, payment, 600) == await promise(db, payment, 600)
    with pytest.raises(NothingToRefund):
        await promise(db, payment, 401, key="two")
    await promise(db, payment, 400, key="three")
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(1000, 1000)]


async def test_a_refund_is_sent_once_however_often_the_job_runs(db: Database, bank: Bank) -> None:
    payment = await paid(db, bank)
    refund = await promise(db, payment, 600)
    for _ in range(3):
        await send_refund(db, refund)
    assert bank.sent == {refund: (payment, 600)}
    assert await sql(db, "SELECT state, reference FROM refund") == [("in_transit", str(refund))]


async def test_a_refund_that_is_over_is_not_sent_again(db: Database, bank: Bank) -> None:
    payment = await paid(db, bank)
    refunds = [await promise(db, payment, 500, key=key) for key in ("one", "two")]
    await hear_of_refund(db, RefundReport(refunds[0], RefundState.done, "x"))
    await hear_of_refund(db, RefundReport(refunds[1], RefundState.failed, "y"))
    for refund in refunds:
        await send_refund(db, refund)
    assert bank.sent == {}


async def hear_of_refund(db: Database, report: RefundReport) -> None:
    async with db.begin() as session:
        await apply_refund_report(session, report)


@pytest.mark.parametrize(("first", "late"), [("done", "in_transit"), ("failed", "done")])
async def test_what_a_provider_says_late_of_a_refund_changes_nothing(
    db: Database, bank: Bank, first: str, late: str
) -> None:
    refund = await promise(db, await paid(db, bank), 600)
    for state in (first, "in_transit", late, first):
        await hear_of_refund(db, RefundReport(refund, RefundState(state), "x"))
    back = 600 if first == "done" else 0
    assert await sql(db, "SELECT refund.state, refunded FROM refund, payment") == [(first, back)]
    assert await actions(db) == ["payments.report", "payments.refund", "payments.refund_report"]


async def test_a_refund_that_fails_is_a_task_whatever_was_dismissed_before(db: Database, bank: Bank) -> None:
    refund = await promise(db, await paid(db, bank), 600)
    await sql(db, "UPDATE payment SET dismissed_at = now()")
    await hear_of_refund(db, RefundReport(refund, RefundState.failed, "x"))
    assert await sql(db, "SELECT dismissed_at FROM payment") == [(None,)]


async def test_a_refund_that_failed_can_be_made_again(db: Database, bank: Bank) -> None:
    payment = await paid(db, bank)
    refund = await promise(db, payment, 1000)
    await send_refund(db, refund)
    for _ in range(2):
        async with db.begin() as session:
            await apply_refund_report(session, bank.fail_refund(refund))
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(1000, 0)]
    assert len(await sql(db, "SELECT * FROM pgqueuer WHERE entrypoint = 'checkout.note_failed_refund'")) == 1
    await promise(db, payment, 1000, key="again")


async def test_quiet_payments_are_asked_about_once_in_two_minutes(db: Database, bank: Bank) -> None:
    payment = await opened(db, uuid4())
    bank.pay(payment.id)
    await chase.run(db, None)
    await sql(db, "UPDATE payment SET checked_at = now() - interval '3 minutes'")
    await chase.run(db, None)
    await chase.run(db, None)
    asked = await sql(db, "SELECT id FROM pgqueuer WHERE entrypoint = 'payments.ask'")
    assert len(asked) == 1
    await sql(db, "DELETE FROM pgqueuer WHERE entrypoint <> 'payments.ask'")
    await services.ask(db, payment.id)
    assert await sql(db, "SELECT state FROM payment") == [("confirmed",)]
