"""The demo's orders are made within seconds. The books tell them over weeks, so that a first look has a past."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ARRAY, Interval, TableValuedAlias, Update, Uuid, column, func, literal, update
from sqlalchemy.orm import InstrumentedAttribute

from apps.concerts.models import Ticket
from apps.core.db import Database
from apps.core.models import AuditEntry
from apps.mail.models import Mail
from apps.orders.models import Order
from apps.payments.models import Payment
from apps.shop.models import Shipment

Moments = tuple[InstrumentedAttribute[Any], ...]
ABOUT_ORDERS: Mapping[InstrumentedAttribute[Any], Moments] = {
    Order.id: (Order.created_at, Order.pay_until, Order.paid_at, Order.delivered_at),
    Ticket.order_id: (Ticket.created_at,),
    Shipment.order_id: (Shipment.created_at, Shipment.moved_at),
    Mail.owner_id: (Mail.created_at, Mail.sent_at),
    AuditEntry.subject_id: (AuditEntry.created_at,),
}
ABOUT_PAYMENTS: Mapping[InstrumentedAttribute[Any], Moments] = {
    Payment.id: (Payment.created_at, Payment.expires_at, Payment.confirmed_at),
    AuditEntry.subject_id: (AuditEntry.created_at,),
}


async def set_back(db: Database, ages: Mapping[Payment, timedelta]) -> None:
    """The orders that were paid so, and all that was noted about them, are from so long ago."""
    of_orders = _given({payment.owner_id: ago for payment, ago in ages.items()})
    of_payments = _given({payment.id: ago for payment, ago in ages.items()})
    async with db.begin() as session:
        for about, given in ((ABOUT_ORDERS, of_orders), (ABOUT_PAYMENTS, of_payments)):
            for key, moments in about.items():
                await session.execute(_earlier(key, moments, given))


def _given(ages: Mapping[Any, timedelta]) -> TableValuedAlias:
    ids, agos = literal(list(ages), ARRAY(Uuid)), literal(list(ages.values()), ARRAY(Interval))
    return func.unnest(ids, agos).table_valued(column("id", Uuid), column("ago", Interval)).render_derived("given")


def _earlier(key: InstrumentedAttribute[Any], moments: Moments, given: TableValuedAlias) -> Update:
    moved = update(key.class_).where(key == given.c.id).values({each: each - given.c.ago for each in moments})
    return moved.execution_options(synchronize_session=False)
