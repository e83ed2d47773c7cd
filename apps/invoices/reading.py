"""Invoices as their readers find them: as rows of a list, and as documents to be printed."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.database import Database
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page
from apps.core.text.datetimes import AwareDatetime
from apps.invoices.models import InvoiceKind
from apps.invoices.printing.document import Document, document_of
from apps.invoices.repositories import INVOICES
from apps.invoices.schemas import InvoiceFoundOut, InvoiceOut

REFERRED = INVOICES.alias("referred")
NEWEST = Keyset((INVOICES.c.created_at, INVOICES.c.id), (AwareDatetime, UUID), is_descending=True)
AT_ONCE = 50


class InvoiceQuery(Struct, frozen=True, kw_only=True):
    """What staff look for; `order` is a number."""

    order: str
    kind: InvoiceKind | None
    issued_from: datetime | None
    issued_to: datetime | None


def with_referred() -> Select[Any]:
    """Invoices, each with the number that it `refers` to."""
    joined = INVOICES.outerjoin(REFERRED, REFERRED.c.id == INVOICES.c.refers_to)
    return select(INVOICES, REFERRED.c.number.label("refers")).select_from(joined)


async def list_of_order(connection: AsyncConnection, order_id: UUID) -> list[InvoiceOut]:
    """The invoice, then its credit notes."""
    found = with_referred().where(INVOICES.c.order_id == order_id).order_by(INVOICES.c.created_at, INVOICES.c.id)
    return [InvoiceOut(**_facts(row)) for row in await connection.execute(found)]


async def find_invoices(
    connection: AsyncConnection, query: InvoiceQuery, *, limit: int, after: str | None
) -> Page[InvoiceFoundOut]:
    """The newest first: one query."""
    found = with_referred()
    if query.order:
        found = found.where(INVOICES.c.order_number == query.order.upper())
    if query.kind:
        found = found.where(INVOICES.c.kind == query.kind)
    if query.issued_from:
        found = found.where(INVOICES.c.created_at >= query.issued_from)
    if query.issued_to:
        found = found.where(INVOICES.c.created_at < query.issued_to)
    return await page_by_key(connection, found, NEWEST, found_out, query=query, limit=limit, after=after)


def found_out(row: Row[Any]) -> InvoiceFoundOut:
    return InvoiceFoundOut(**_facts(row), buyer=row.buyer.get("name", ""))


def _facts(row: Row[Any]) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("number", "kind", "currency", "net", "tax", "total")}
    return {**same, "issued_at": row.created_at, "order": row.order_number, "refers_to": row.refers}


async def find_row(connection: AsyncConnection, number: str, *, order_id: UUID | None = None) -> Row[Any]:
    """By its number; of this order alone, where one is named. Raises NotFound."""
    found = with_referred().where(INVOICES.c.number == number.upper())
    if order_id is not None:
        found = found.where(INVOICES.c.order_id == order_id)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def find_document(connection: AsyncConnection, number: str, *, order_id: UUID | None = None) -> Document:
    """Raises NotFound."""
    row = await find_row(connection, number, order_id=order_id)
    return document_of(row, refers_to=row.refers or "")


async def documents_between(db: Database, since: datetime, until: datetime) -> AsyncIterator[Document]:
    """The oldest first; some at a time, and no transaction stays open in between."""
    in_time = with_referred().where(INVOICES.c.created_at >= since, INVOICES.c.created_at < until)
    in_time = in_time.order_by(INVOICES.c.created_at, INVOICES.c.id).limit(AT_ONCE)
    key = tuple_(INVOICES.c.created_at, INVOICES.c.id)
    after: Row[Any] | None = None
    while True:
        async with db.reads() as reads:
            found = in_time.where(key > tuple_(after.created_at, after.id)) if after else in_time
            rows = (await reads.execute(found)).all()
        for row in rows:
            yield document_of(row, refers_to=row.refers or "")
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]
