"""What is written into the books, in the transaction in which the payment, refund or dispute changes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.bulk import insert_new_rows
from apps.core.db.database import now
from apps.payments.books.models import Account, Cause, Phase, Transfer
from apps.payments.models import Dispute, DisputeState, Payment, Refund, RefundState
from project.settings import settings

TRANSFERS = Transfer.table()
WHERE_DISPUTED = {
    None: Account.provider,
    DisputeState.open: Account.disputed,
    DisputeState.won: Account.provider,
    DisputeState.lost: Account.orders,
}
"""The account that has the money of a dispute, by its state: what changes goes from one to the other."""
ENDS = {RefundState.done: Phase.posted, RefundState.failed: Phase.voided}
Row = Mapping[str, Any]


def charge(payment: Payment, *, fee: int, moment: datetime) -> list[Row]:
    """Of a payment that has just been captured. `fee`: what the provider keeps of it, as far as it says so."""
    entry = Entry(payment.provider, payment.currency, payment.owner_id, day_of(moment))
    rows = [entry.row(charge_key(payment.id), Cause.charge, (Account.provider, Account.orders), payment.captured)]
    if fee:
        rows.append(entry.row(f"fee:{payment.id}", Cause.fee, (Account.fees, Account.provider), fee))
    return rows


async def write(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """One statement. What is there by its key is not written again."""
    await insert_new_rows(connection, TRANSFERS, rows)


async def write_refund(session: AsyncSession, payment: Payment, refund: Refund, before: RefundState | None) -> None:
    """A refund of the locked payment that came from the state `before` to the one that it has now.

    It is pending from its beginning, posted when it is done, voided when it fails; what fails later comes back.
    """
    connection, key = await session.connection(), refund_key(refund.id)
    entry = Entry(payment.provider, payment.currency, payment.owner_id, day_of(await now(connection)))
    accounts = (Account.orders, Account.provider)
    await write(connection, [entry.row(key, Cause.refund, accounts, refund.amount, phase=Phase.pending)])
    if before is RefundState.done:
        back = (Account.provider, Account.orders)
        await write(connection, [entry.row(f"{key}:returned", Cause.refund, back, refund.amount)])
    elif refund.state in ENDS:
        phase = ENDS[refund.state]
        pending_id = await connection.scalar(select(TRANSFERS.c.id).where(TRANSFERS.c.key == key))
        end = entry.row(f"{key}:{phase}", Cause.refund, accounts, refund.amount, phase=phase, pending_id=pending_id)
        await write(connection, [end])


async def write_dispute(session: AsyncSession, payment: Payment, dispute: Dispute, before: DisputeState | None) -> None:
    """A dispute about the locked payment that came from the state `before` to the one that it has now."""
    accounts = WHERE_DISPUTED[dispute.state], WHERE_DISPUTED[before]
    if accounts[0] is accounts[1]:
        return
    connection, key = await session.connection(), f"{Cause.dispute}:{dispute.id}:"
    written = await connection.scalar(select(func.count()).where(TRANSFERS.c.key.startswith(key)))
    entry = Entry(payment.provider, dispute.currency, payment.owner_id, day_of(await now(connection)))
    await write(connection, [entry.row(f"{key}{(written or 0) + 1}", Cause.dispute, accounts, dispute.amount)])


def charge_key(payment_id: UUID) -> str:
    return f"{Cause.charge}:{payment_id}"


def refund_key(refund_id: UUID) -> str:
    return f"{Cause.refund}:{refund_id}"


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings.time_zone)).date()


class Entry:
    """Transfers that belong together, of one provider, currency and day."""

    def __init__(self, provider: str, currency: str, owner_id: UUID | None, day: date) -> None:
        self._shared = {"provider": provider, "currency": currency, "owner_id": owner_id, "day": day}
        self._shared["entry_id"] = uuid7()

    def row(
        self,
        key: str,
        cause: Cause,
        accounts: tuple[Account, Account],
        amount: int,
        *,
        phase: Phase = Phase.at_once,
        pending_id: UUID | None = None,
    ) -> Row:
        """`accounts`: that is debited, that is credited."""
        debit, credit = accounts
        return {
            "id": uuid7(),
            "key": key,
            "cause": cause,
            "phase": phase,
            "pending_id": pending_id,
            "debit_account": debit,
            "credit_account": credit,
            "amount": amount,
            **self._shared,
        }
