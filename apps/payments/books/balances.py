"""Balances: each transfer is two lines, one that adds to an account and one that takes from another."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, case, cast, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.database import Base
from apps.payments.books.models import MOVES_MONEY, Phase
from apps.payments.books.schemas import BalanceOut
from apps.payments.books.transfers import TRANSFERS

SHARED = (TRANSFERS.c.day, TRANSFERS.c.provider, TRANSFERS.c.currency, TRANSFERS.c.owner_id, TRANSFERS.c.phase)
DEBITS = select(*SHARED, TRANSFERS.c.debit_account.label("account"), TRANSFERS.c.amount)
CREDITS = select(*SHARED, TRANSFERS.c.credit_account, -TRANSFERS.c.amount)
LINES = union_all(DEBITS, CREDITS).subquery("line")
MOVED = case((LINES.c.phase.in_(MOVES_MONEY), LINES.c.amount), else_=0)
WAITS = case(
    (LINES.c.phase == Phase.pending, LINES.c.amount),
    (LINES.c.phase.in_([Phase.posted, Phase.voided]), -LINES.c.amount),
    else_=0,
)
"""What is pending stands there until another transfer posts or voids it."""
ACCOUNT = (LINES.c.provider, LINES.c.currency, LINES.c.account)


def _sum(amount: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)


def _by_day() -> Select[Any]:
    up_to_day = func.sum(func.sum(MOVED)).over(partition_by=ACCOUNT, order_by=LINES.c.day)
    of_what = func.concat_ws(" ", LINES.c.day, *ACCOUNT)
    return select(
        cast(func.md5(of_what), Uuid).label("id"),
        LINES.c.day,
        *ACCOUNT,
        _sum(func.greatest(MOVED, 0)).label("debits"),
        _sum(-func.least(MOVED, 0)).label("credits"),
        cast(up_to_day, BigInteger).label("balance"),
    ).group_by(LINES.c.day, *ACCOUNT)


DAY_BALANCES = _by_day().subquery("ledger_balance")


class DayBalance(Base):
    """What came to an account of a provider and went from it on a day, and its balance at the day's end."""

    __table__ = DAY_BALANCES
    __mapper_args__ = {"primary_key": [DAY_BALANCES.c.id]}


async def balances_of(
    connection: AsyncConnection, *, day: date | None = None, provider: str | None = None, owner_id: UUID | None = None
) -> list[BalanceOut]:
    """At the end of `day`, or now; debits less credits, in minor units."""
    found = select(*ACCOUNT, _sum(MOVED), _sum(WAITS)).group_by(*ACCOUNT).order_by(*ACCOUNT)
    if day:
        found = found.where(LINES.c.day <= day)
    if provider:
        found = found.where(LINES.c.provider == provider)
    if owner_id:
        found = found.where(LINES.c.owner_id == owner_id)
    return [BalanceOut(*row) for row in await connection.execute(found)]
