"""Which payment a row of a bank statement is about, and whether that is sure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.models import AcceptedRow
from apps.checkout.statements.reading import StatementRow
from apps.orders.models import Order, OrderState
from apps.payments.models import ACTIVE, Payment
from apps.payments.providers import offline_names


class Verdict(StrEnum):
    """`over`: the order waits for no money any more. `known`: the same row was accepted before."""

    sure = "sure"
    known = "known"
    differs = "differs"
    ambiguous = "ambiguous"
    over = "over"
    unmatched = "unmatched"


@dataclass(frozen=True, slots=True)
class Awaited:
    """An order in whose name a payment was begun that staff take; its open payment, else the newest."""

    order_id: UUID
    number: str
    payment_id: UUID
    amount: int
    currency: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Match:
    row: StatementRow
    verdict: Verdict
    awaited: Sequence[Awaited] = ()


@dataclass(slots=True)
class Matcher:
    """Of one file: what an earlier row is sure to pay is not paid by a later one."""

    taken: set[UUID] = field(default_factory=set)

    async def match(self, session: AsyncSession, rows: Sequence[StatementRow]) -> list[Match]:
        awaited = await awaited_by(session, {number for row in rows for number in row.numbers})
        accepted = AcceptedRow.digest.in_([row.digest for row in rows])
        known = set(await session.scalars(select(AcceptedRow.digest).where(accepted)))
        return [self._judge(row, awaited, known) for row in rows]

    def _judge(self, row: StatementRow, awaited: Mapping[str, Awaited], known: Collection[bytes]) -> Match:
        found = [awaited[number] for number in sorted(row.numbers) if number in awaited]
        verdict = Verdict.known if row.digest in known else self._verdict(row, found)
        if verdict is Verdict.sure:
            self.taken.add(found[0].payment_id)
        return Match(row, verdict, found)

    def _verdict(self, row: StatementRow, found: Sequence[Awaited]) -> Verdict:
        if not found:
            return Verdict.unmatched
        if len(found) > 1 or found[0].payment_id in self.taken:
            return Verdict.ambiguous
        if not found[0].is_open:
            return Verdict.over
        is_right = (row.amount, row.currency) == (found[0].amount, found[0].currency)
        return Verdict.sure if is_right else Verdict.differs


async def awaited_by(session: AsyncSession, numbers: Collection[str]) -> dict[str, Awaited]:
    """By the order's number."""
    is_active = Payment.state.in_(ACTIVE)
    found = (
        select(Order.id, Order.number, Payment.id, Payment.amount, Payment.currency, Order.state, is_active)
        .join(Payment, Payment.owner_id == Order.id)
        .where(Order.number.in_(numbers), Payment.provider.in_(offline_names()))
        .order_by(Order.id, is_active.desc(), Payment.id.desc())
        .distinct(Order.id)
    )
    return {
        number: Awaited(order, number, payment, amount, currency, state is OrderState.pending and active)
        for order, number, payment, amount, currency, state, active in await session.execute(found)
    }
