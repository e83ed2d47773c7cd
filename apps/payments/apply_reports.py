"""What providers say of payments is applied, many reports at once, in whatever order and however often they say it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import SYSTEM, Entry, record_all
from apps.core.db.bulk import update_rows
from apps.core.db.database import Database, now
from apps.core.events import Event, publish
from apps.payments.books import transfers
from apps.payments.events import PaymentApproved, PaymentConfirmed, PaymentDisagreed, PaymentFailed
from apps.payments.models import ACTIVE, Discrepancy, Failure, Payment, PaymentState
from apps.payments.owners import lock_owners
from apps.payments.providers import Report
from apps.payments.repositories import LOCK_FREE_PAYMENTS, LOCK_PAYMENTS, OWNERS_OF_PAYMENTS, PAYMENTS

log = structlog.get_logger(__name__)
DISCREPANCIES = Discrepancy.table()
CHANGING = (
    "state",
    "failure",
    "captured",
    "reference",
    "charge_reference",
    "confirmed_at",
    "checked_at",
    "dismissed_at",
)


async def apply_at_once(db: Database, report: Report) -> None:
    """With all that follows from it where its owner is free: an order is paid and delivered when this returns."""
    async with db.transaction() as connection:
        owners = [row.owner_id for row in await connection.execute(OWNERS_OF_PAYMENTS, {"ids": [report.payment_id]})]
        await lock_owners(connection, owners)
        await apply_reports(connection, await lock_payments(connection, [report.payment_id]), [report], at_once=True)


async def apply_report(session: AsyncSession, report: Report) -> None:
    """What follows from it, jobs do."""
    await session.flush()
    connection = await session.connection()
    await apply_reports(connection, await lock_payments(connection, [report.payment_id]), [report])


async def lock_payments(
    connection: AsyncConnection, ids: Collection[UUID], *, waits: bool = True
) -> dict[UUID, Payment]:
    """As they are, of no session; those that others have locked are waited for, or left out."""
    rows = await connection.execute(LOCK_PAYMENTS if waits else LOCK_FREE_PAYMENTS, {"ids": list(ids)})
    return {row.id: Payment(**row._mapping) for row in rows}


async def apply_reports(
    connection: AsyncConnection, payments: dict[UUID, Payment], reports: Sequence[Report], *, at_once: bool = False
) -> None:
    """Move the locked payments to what is said of them; of others nothing is said here.

    Amounts that do not agree with what was asked for, or with what came already, settle nothing: they are noted for a
    person to see to. `at_once`: the owners are locked as well, and what follows is done in this transaction.
    """
    changes = _Changes(await now(connection))
    for report in reports:
        if payment := payments.get(report.payment_id):
            await _apply(connection, payment, report, changes)
    touched = [payments[id] for id in sorted(changes.touched)]
    rows = [{"id": each.id, **{name: getattr(each, name) for name in CHANGING}} for each in touched]
    await update_rows(connection, PAYMENTS, rows)
    await transfers.write(connection, changes.transfers)
    await record_all(connection, changes.entries, actor=SYSTEM)
    await publish(connection, *changes.events, at_once=at_once)


class _Changes:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.touched: set[UUID] = set()
        self.entries: list[Entry] = []
        self.events: list[Event] = []
        self.transfers: list[transfers.Row] = []

    def record(self, action: str, payment: Payment, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.touched.add(payment.id)
        self.entries.append(Entry(action=action, subject="Payment", id=payment.id, name="", before=before, after=after))


async def _apply(connection: AsyncConnection, payment: Payment, report: Report, changes: _Changes) -> None:
    _learn_references(payment, report, changes)
    if report.is_approved and payment.state in ACTIVE:
        changes.events.append(PaymentApproved(payment.id))
    if report.state is PaymentState.confirmed and not _agrees(payment, report):
        await _note_discrepancy(connection, payment, report, changes)
        if payment.state in ACTIVE:
            _move(payment, PaymentState.cancelled, report, changes)
    elif payment.state != report.state and payment.may_move(report.state):
        _move(payment, report.state, report, changes)
        if payment.state is PaymentState.confirmed:
            _capture(payment, report, changes)


def _learn_references(payment: Payment, report: Report, changes: _Changes) -> None:
    for name in ("reference", "charge_reference"):
        told = getattr(report, name)
        if told and not getattr(payment, name):
            setattr(payment, name, told)
            changes.touched.add(payment.id)


def _agrees(payment: Payment, report: Report) -> bool:
    """A wrong amount of the right currency is taken, and goes back when its owner cannot use it."""
    is_same = payment.state is not PaymentState.confirmed or payment.captured == report.captured
    return is_same and payment.currency == report.currency


async def _note_discrepancy(connection: AsyncConnection, payment: Payment, report: Report, changes: _Changes) -> None:
    """Once, however often it is reported."""
    said = {"amount": report.captured, "currency": report.currency}
    new = insert(DISCREPANCIES).values(id=uuid7(), payment_id=payment.id, **said)
    if (await connection.execute(new.on_conflict_do_nothing().returning(DISCREPANCIES.c.id))).first() is None:
        return
    log.error("payments.discrepancy", payment=str(payment.id), **said)
    payment.dismissed_at = None
    changes.record("payments.discrepancy", payment, {}, said)
    changes.events.append(PaymentDisagreed(payment.id, payment.owner_id, report.captured, report.currency))


def _move(payment: Payment, state: PaymentState, report: Report, changes: _Changes) -> None:
    before = payment.state
    payment.move(state)
    payment.dismissed_at = None
    payment.failure = _failure(state, report)
    after: dict[str, Any] = {"state": state, "captured": report.captured, "currency": report.currency}
    if payment.failure:
        after["failure"] = payment.failure
        changes.events.append(PaymentFailed(payment.id, payment.owner_id))
    changes.record("payments.report", payment, {"state": before}, after)


def _failure(state: PaymentState, report: Report) -> Failure | None:
    """A payment whose page is over, too, may have come to that by a failure."""
    if state is PaymentState.failed:
        return report.failure or Failure.other
    return report.failure if state is PaymentState.cancelled else None


def _capture(payment: Payment, report: Report, changes: _Changes) -> None:
    payment.captured = report.captured
    payment.confirmed_at = payment.checked_at = changes.moment
    changes.transfers += transfers.charge(payment, fee=report.fee, moment=changes.moment)
    changes.events.append(PaymentConfirmed(payment.id, payment.owner_id))
