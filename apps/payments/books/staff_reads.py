"""The books as programs and staff look them up."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page
from apps.payments.books.models import Account, Transfer
from apps.payments.books.names import ENDED
from apps.payments.books.schemas import TransferOut
from apps.payments.books.transfers import TRANSFERS

NEWEST = Keyset((TRANSFERS.c.id,), (UUID,), is_descending=True)


class TransferQuery(Struct, frozen=True, kw_only=True):
    """`first` and `last` are days, both included."""

    provider: str | None = None
    account: Account | None = None
    order: UUID | None = None
    first: date | None = None
    last: date | None = None


async def list_transfers(
    connection: AsyncConnection, query: TransferQuery, *, limit: int, after: str | None
) -> Page[TransferOut]:
    """The newest first: one query."""
    found = select(TRANSFERS).where(*_asked(query))
    return await page_by_key(connection, found, NEWEST, transfer_out, query=query, limit=limit, after=after)


async def add_status(session: AsyncSession, rows: Sequence[Any]) -> None:
    """`status`: how each transfer stands; one that was pending may have been posted or voided since. One statement."""
    ended = select(Transfer.pending_id).where(Transfer.pending_id.in_([row.id for row in rows]))
    known = set(await session.scalars(ended))
    for row in rows:
        row.status = ENDED if row.id in known else row.phase


def _asked(query: TransferQuery) -> Iterator[ColumnElement[bool]]:
    if query.provider:
        yield TRANSFERS.c.provider == query.provider
    if query.account:
        yield or_(TRANSFERS.c.debit_account == query.account, TRANSFERS.c.credit_account == query.account)
    if query.order:
        yield TRANSFERS.c.owner_id == query.order
    if query.first:
        yield TRANSFERS.c.day >= query.first
    if query.last:
        yield TRANSFERS.c.day <= query.last


def transfer_out(row: Row[Any]) -> TransferOut:
    return TransferOut(
        id=row.id,
        entry=row.entry_id,
        day=row.day,
        cause=row.cause,
        phase=row.phase,
        pending=row.pending_id,
        debit_account=row.debit_account,
        credit_account=row.credit_account,
        amount=row.amount,
        currency=row.currency,
        provider=row.provider,
        order=row.owner_id,
        created_at=row.created_at,
    )
