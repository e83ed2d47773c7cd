"""Whether a provider's list and our books agree: transactions beside what the books have of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among, found_by
from apps.payments.books.models import Cause, Phase, Transfer
from apps.payments.models import RefundState
from apps.payments.providers import Transaction, TransactionKind
from apps.payments.reconciliation.models import Problem
from apps.payments.repositories import PAYMENTS, REFUNDS

DAY = timedelta(days=1)
BOOKED = Transfer.table().alias("booked")
ENDED, RETURNED = Transfer.table().alias("ended"), Transfer.table().alias("returned")


@dataclass(frozen=True, slots=True)
class Booked:
    """What the books have of a charge or refund: nothing where `amount` is None. `state` is a refund's, by the books.

    `payment_reference`: by which the provider is asked for the payment.
    """

    kind: TransactionKind
    id: UUID
    payment_id: UUID
    reference: str
    charge_reference: str
    payment_reference: str | None
    amount: int | None
    currency: str
    moment: datetime
    state: RefundState


@dataclass(frozen=True, slots=True)
class Compared:
    """A transaction of ours, what the books have of it, and what is wrong with that."""

    kind: TransactionKind
    problem: Problem | None
    reference: str
    payment_id: UUID | None
    here: int | None
    there: int | None
    currency: str
    moment: datetime


async def compare(
    connection: AsyncConnection, provider: str, transactions: Sequence[Transaction]
) -> tuple[list[Compared], set[UUID]]:
    """Those that are ours, and the ids of all that the books have of them. One statement."""
    booked = await _booked_of(connection, provider, transactions)
    by_id = {each.id: each for each in booked}
    by_reference = {(each.kind, each.reference): each for each in booked}
    payments = {each.charge_reference: each.payment_id for each in booked}
    compared, seen = [], set()
    for each in transactions:
        ours = by_id.get(each.id) if each.id else by_reference.get((each.kind, each.reference))
        payment_id = ours.payment_id if ours else payments.get(each.charge_reference)
        if ours:
            seen.add(ours.id)
        if ours or each.id or payment_id:
            compared.append(_compared(each, ours, payment_id))
    return compared, seen


def missing_there(ours: Booked) -> Compared:
    return Compared(
        ours.kind,
        Problem.missing_there,
        ours.reference,
        ours.payment_id,
        ours.amount,
        None,
        ours.currency,
        ours.moment,
    )


async def done_between(connection: AsyncConnection, provider: str, start: datetime, end: datetime) -> list[Booked]:
    """What the books say was taken or sent back then."""
    charges = _charges().where(BOOKED.c.provider == provider, *_within(BOOKED, start, end))
    done = (ENDED.c.phase == Phase.posted, RETURNED.c.id.is_(None), ENDED.c.provider == provider)
    refunds = _refunds().where(*done, *_within(ENDED, start, end))
    return [_read(row) for row in await connection.execute(union_all(charges, refunds))]


def _within(transfers: Any, start: datetime, end: datetime) -> Sequence[ColumnElement[bool]]:
    """By the day as well, which has an index."""
    days = transfers.c.day.between((start - DAY).date(), (end + DAY).date())
    return days, transfers.c.created_at >= start, transfers.c.created_at < end


def _compared(theirs: Transaction, ours: Booked | None, payment_id: UUID | None) -> Compared:
    here = ours.amount if ours else None
    problem = _problem(theirs, ours)
    return Compared(
        theirs.kind, problem, theirs.reference, payment_id, here, theirs.amount, theirs.currency, theirs.happened_at
    )


def _problem(theirs: Transaction, ours: Booked | None) -> Problem | None:
    if ours is None or ours.amount is None:
        return Problem.missing_here
    if ours.currency != theirs.currency:
        return Problem.other_currency
    if ours.amount != theirs.amount:
        return Problem.other_amount
    is_done = ours.state is RefundState.done
    is_failed = ours.state is RefundState.failed
    return Problem.other_state if is_failed or is_done != theirs.is_done else None


async def _booked_of(connection: AsyncConnection, provider: str, transactions: Sequence[Transaction]) -> list[Booked]:
    ids = {kind: [each.id for each in transactions if each.kind is kind and each.id] for kind in TransactionKind}
    references = [each.charge_reference for each in transactions if each.charge_reference]
    is_ours = or_(
        among(PAYMENTS.c.charge_reference, references),
        among(PAYMENTS.c.id, ids[TransactionKind.charge]),
    )
    charges = _charges().where(PAYMENTS.c.provider == provider, is_ours)
    of_payments = select(PAYMENTS.c.id).where(among(PAYMENTS.c.charge_reference, references))
    asked = or_(among(REFUNDS.c.id, ids[TransactionKind.refund]), found_by(REFUNDS.c.payment_id, of_payments))
    refunds = _refunds().where(PAYMENTS.c.provider == provider, asked)
    return [_read(row) for row in await connection.execute(union_all(charges, refunds))]


def _charges() -> Select[Any]:
    key = f"{Cause.charge}:" + cast(PAYMENTS.c.id, String)
    return (
        select(
            literal(TransactionKind.charge, String).label("kind"),
            PAYMENTS.c.id,
            PAYMENTS.c.id.label("payment_id"),
            _reference_of_charge().label("reference"),
            _reference_of_charge().label("charge_reference"),
            PAYMENTS.c.reference.label("payment_reference"),
            BOOKED.c.amount,
            func.coalesce(BOOKED.c.currency, PAYMENTS.c.currency).label("currency"),
            func.coalesce(BOOKED.c.created_at, PAYMENTS.c.created_at).label("moment"),
            literal(RefundState.done, String).label("state"),
        )
        .select_from(PAYMENTS)
        .outerjoin(BOOKED, BOOKED.c.key == key)
    )


def _refunds() -> Select[Any]:
    key = f"{Cause.refund}:" + cast(REFUNDS.c.id, String)
    return (
        select(
            literal(TransactionKind.refund, String),
            REFUNDS.c.id,
            REFUNDS.c.payment_id,
            func.coalesce(REFUNDS.c.reference, cast(REFUNDS.c.id, String)),
            _reference_of_charge(),
            PAYMENTS.c.reference,
            BOOKED.c.amount,
            func.coalesce(BOOKED.c.currency, PAYMENTS.c.currency),
            func.coalesce(ENDED.c.created_at, BOOKED.c.created_at, REFUNDS.c.created_at),
            _state(),
        )
        .select_from(REFUNDS)
        .join(PAYMENTS, PAYMENTS.c.id == REFUNDS.c.payment_id)
        .outerjoin(BOOKED, BOOKED.c.key == key)
        .outerjoin(ENDED, ENDED.c.pending_id == BOOKED.c.id)
        .outerjoin(RETURNED, RETURNED.c.key == key + ":returned")
    )


def _reference_of_charge() -> Any:
    return func.coalesce(PAYMENTS.c.charge_reference, PAYMENTS.c.reference, cast(PAYMENTS.c.id, String))


def _state() -> Any:
    """Of a refund, by the books alone."""
    return case(
        (or_(RETURNED.c.id.is_not(None), ENDED.c.phase == Phase.voided), RefundState.failed.value),
        (ENDED.c.phase == Phase.posted, RefundState.done.value),
        else_=RefundState.in_transit.value,
    )


def _read(row: Any) -> Booked:
    return Booked(
        TransactionKind(row.kind),
        row.id,
        row.payment_id,
        row.reference,
        row.charge_reference,
        row.payment_reference,
        row.amount,
        row.currency,
        row.moment,
        RefundState(row.state),
    )
