"""Orders as staff find and see them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.order_view import order_line_out, parts_of
from apps.checkout.staff_schemas import OrderFoundOut, OrderStaffOut, PaymentOut, RefundOut, TimelineEntryOut
from apps.core.db.bulk import among
from apps.core.db.keyset import first_id, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page
from apps.core.models import AuditEntry
from apps.orders.kinds.fulfilment import fulfilments, holds_offer_of
from apps.orders.listing import CHANGED_ORDERS, NEWEST_ORDERS, listed, matches, orders_listed
from apps.orders.models import OrderState
from apps.orders.repositories import ORDERS, lines_of_orders
from apps.payments.repositories import PAYMENTS, REFUNDS
from project.settings import settings

AUDIT_ENTRIES = AuditEntry.table()
LONGEST_TIMELINE = 200
CLOCKS_DIFFER = timedelta(days=1)


class OrderQuery(Struct, frozen=True, kw_only=True):
    """What staff look for: `q` is a number, the beginning of an address, or a part of a name.

    `holds`: something of this concert, this product, by what the kinds call it.
    """

    q: str
    state: OrderState | None
    holds: Mapping[str, UUID]
    placed_from: datetime | None
    placed_to: datetime | None
    ids: Sequence[UUID] | None = None
    updated_after: datetime | None = None


async def find_orders(
    connection: AsyncConnection, query: OrderQuery, *, locale: str, limit: int, after: str | None
) -> Page[OrderFoundOut]:
    """The newest first, or as they were changed: one query."""

    def item(row: Row[Any]) -> OrderFoundOut:
        facts = {"id": row.id, "email": row.email, "name": row.name, "user": row.user_id, "updated_at": row.updated_at}
        return OrderFoundOut(**listed(row, locale), **facts)

    found = orders_listed().where(*_asked(query))
    keyset = CHANGED_ORDERS if query.updated_after else NEWEST_ORDERS
    return await page_by_key(connection, found, keyset, item, query=query, limit=limit, after=after)


def _asked(query: OrderQuery) -> Iterable[ColumnElement[bool]]:
    if query.q:
        yield matches(query.q)
    if query.state:
        yield ORDERS.c.state == query.state
    for kind in fulfilments():
        if parent := query.holds.get(kind.parent):
            yield holds_offer_of(kind, parent)
    if query.placed_from:
        yield ORDERS.c.created_at >= query.placed_from
        yield ORDERS.c.id >= first_id(query.placed_from - CLOCKS_DIFFER)
    if query.placed_to:
        yield ORDERS.c.created_at < query.placed_to
        yield ORDERS.c.id < first_id(query.placed_to + CLOCKS_DIFFER)
    if query.ids is not None:
        yield among(ORDERS.c.id, query.ids)
    if query.updated_after:
        yield ORDERS.c.updated_at > query.updated_after


async def order_for_staff(connection: AsyncConnection, number: str) -> OrderStaffOut:
    """Five queries, and one for each kind among its lines. Raises NotFound."""
    order = await order_numbered(connection, number)
    lines = (await connection.execute(lines_of_orders([order.id]))).all()
    payments = (await connection.execute(_of_owner(order.id))).all()
    refunds = (await connection.execute(_of_payments([each.id for each in payments]))).all()
    shown = [order_line_out(line, locale=settings.locale) for line in lines]
    parts = await parts_of(connection, order, shown, locale=settings.locale, for_customer=False)
    concerned = [order.id, *(id for rows in (payments, refunds, parts) for id in map(attrgetter("id"), rows))]
    return OrderStaffOut(
        **{name: getattr(order, name) for name in OrderStaffOut.__struct_fields__ if name in ORDERS.c},
        user=order.user_id,
        placed_at=order.created_at,
        lines=shown,
        parts=parts,
        payments=[_payment(row) for row in payments],
        refunds=[_refund(row) for row in refunds],
        timeline=await _timeline(connection, concerned),
    )


async def order_numbered(connection: AsyncConnection, number: str) -> Any:
    """The order's columns. Raises NotFound."""
    row = (await connection.execute(select(ORDERS).where(ORDERS.c.number == number.upper()))).one_or_none()
    if row is None:
        raise NotFound
    return row


def _of_owner(order_id: UUID) -> Select[Any]:
    return select(PAYMENTS).where(PAYMENTS.c.owner_id == order_id).order_by(PAYMENTS.c.created_at, PAYMENTS.c.id)


def _of_payments(payments: Collection[UUID]) -> Select[Any]:
    return select(REFUNDS).where(among(REFUNDS.c.payment_id, payments)).order_by(REFUNDS.c.created_at, REFUNDS.c.id)


def _payment(row: Row[Any]) -> PaymentOut:
    return PaymentOut(**{name: getattr(row, name) for name in PaymentOut.__struct_fields__})


def _refund(row: Row[Any]) -> RefundOut:
    names = (name for name in RefundOut.__struct_fields__ if name != "payment")
    return RefundOut(payment=row.payment_id, **{name: getattr(row, name) for name in names})


async def _timeline(connection: AsyncConnection, subjects: Collection[UUID]) -> list[TimelineEntryOut]:
    found = select(AUDIT_ENTRIES).where(among(AUDIT_ENTRIES.c.subject_id, subjects))
    newest = found.order_by(AUDIT_ENTRIES.c.created_at.desc(), AUDIT_ENTRIES.c.id.desc()).limit(LONGEST_TIMELINE)
    return [
        TimelineEntryOut(at=row.created_at, actor=row.actor, action=row.action, before=row.before, after=row.after)
        for row in await connection.execute(newest)
    ]
