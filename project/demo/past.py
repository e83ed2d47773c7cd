"""The demo's orders are made within seconds. The books tell them over weeks, so that a first look has a past."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Interval,
    TableValuedAlias,
    Update,
    Uuid,
    column,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from apps.concerts.models import Ticket
from apps.core.db.database import Database
from apps.core.models import AuditEntry
from apps.mail.models import Mail
from apps.orders.models import Order, OrderRefund
from apps.payments.models import Payment
from apps.shop.models import Shipment

Columns = tuple[InstrumentedAttribute[Any], ...]
ABOUT_ORDERS: Mapping[InstrumentedAttribute[Any], Columns] = {
    Order.id: (Order.created_at, Order.pay_until, Order.paid_at, Order.delivered_at),
    Ticket.order_id: (Ticket.created_at,),
    Shipment.order_id: (Shipment.created_at, Shipment.moved_at),
    OrderRefund.order_id: (OrderRefund.created_at,),
    Mail.owner_id: (Mail.created_at, Mail.sent_at),
    AuditEntry.subject_id: (AuditEntry.id, AuditEntry.created_at),
}
ABOUT_PAYMENTS: Mapping[InstrumentedAttribute[Any], Columns] = {
    Payment.id: (Payment.created_at, Payment.expires_at, Payment.confirmed_at),
    AuditEntry.subject_id: (AuditEntry.id, AuditEntry.created_at),
}
EARLIER_ID = """
    (lpad(to_hex((extract(epoch FROM created_at - ago) * 1000)::bigint), 12, '0')
     || substr(audit_entry.id::text, 14))::uuid
"""
"""An entry's UUIDv7 but for its first 48 bits, the milliseconds: lists of them go by it."""


async def set_back(db: Database) -> None:
    """Orders, payments, and all that was noted about them, are from when their ids say. Twice changes nothing."""
    async with db.begin() as session:
        for made, noted in ((Order, ABOUT_ORDERS), (Payment, ABOUT_PAYMENTS)):
            given = _given(await _ages(session, made))
            for key, columns in noted.items():
                await session.execute(_earlier(key, columns, given))


async def _ages(session: AsyncSession, made: type[Order | Payment]) -> dict[UUID, timedelta]:
    """How long before it was made each of them is said to be."""
    rows = await session.execute(select(made.id, made.created_at))
    return {id: created_at - _moment_of(id) for id, created_at in rows.tuples()}


def _moment_of(id: UUID) -> datetime:
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def _given(ages: Mapping[UUID, timedelta]) -> TableValuedAlias:
    ids, agos = literal(list(ages), ARRAY(Uuid)), literal(list(ages.values()), ARRAY(Interval))
    return func.unnest(ids, agos).table_valued(column("id", Uuid), column("ago", Interval)).render_derived("given")


def _earlier(key: InstrumentedAttribute[Any], columns: Columns, given: TableValuedAlias) -> Update:
    earlier_id = literal_column(EARLIER_ID, Uuid)
    values = {each: earlier_id if each is AuditEntry.id else each - given.c.ago for each in columns}
    return update(key.class_).where(key == given.c.id).values(values).execution_options(synchronize_session=False)
