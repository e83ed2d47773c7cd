"""Lists of orders, the newest first, and the search in them."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.repositories import USERS
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page
from apps.core.money import format_money
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.search import begin, contain
from apps.orders.repositories import ORDER_LINES, ORDERS
from apps.orders.schemas import OrderListedOut

NEWEST_ORDERS = Keyset((ORDERS.c.id,), (UUID,), is_descending=True)
CHANGED_ORDERS = Keyset((ORDERS.c.updated_at, ORDERS.c.id), (AwareDatetime, UUID))
LAST_CHARACTER = "\U0010ffff"


class OwnOrders(Struct, frozen=True):
    """What was ordered by who was signed in, and as a guest with an address that the user has confirmed."""

    user_id: UUID


def is_own(query: OwnOrders) -> ColumnElement[bool]:
    """Of an order."""
    confirmed = select(USERS.c.email).where(USERS.c.id == query.user_id, USERS.c.email_confirmed_at.is_not(None))
    as_guest = and_(ORDERS.c.user_id.is_(None), ORDERS.c.email == confirmed.scalar_subquery())
    return or_(ORDERS.c.user_id == query.user_id, as_guest)


async def list_own_orders(
    connection: AsyncConnection, query: OwnOrders, *, locale: str, limit: int, after: str | None
) -> Page[OrderListedOut]:
    """One query."""

    def item(row: Row[Any]) -> OrderListedOut:
        return OrderListedOut(**listed(row, locale))

    found = orders_listed().where(is_own(query))
    return await page_by_key(connection, found, NEWEST_ORDERS, item, query=query, limit=limit, after=after)


def orders_listed() -> Select[Any]:
    """Orders with the number of their pieces, to be narrowed by the caller."""
    pieces = select(func.sum(ORDER_LINES.c.quantity)).where(ORDER_LINES.c.order_id == ORDERS.c.id).scalar_subquery()
    return select(ORDERS, pieces.label("pieces"))


def matches(q: str) -> ColumnElement[bool]:
    """A number, the beginning of an address, or a part of a name."""
    by_email = and_(ORDERS.c.email.op("~>=~")(q.lower()), ORDERS.c.email.op("~<~")(q.lower() + LAST_CHARACTER))
    return or_(ORDERS.c.number == q.upper(), by_email, _is_named(q))


def _is_named(q: str) -> ColumnElement[bool]:
    """Words of fewer than three letters are looked for at the beginning: the index knows groups of three."""
    is_indexed = any(len(word) > 2 for word in q.split())
    return contain(q, ORDERS.c.name) if is_indexed else begin(q, ORDERS.c.name)


def listed(row: Row[Any], locale: str) -> dict[str, Any]:
    """The fields of OrderListedOut."""
    return {
        "number": row.number,
        "state": row.state,
        "currency": row.currency,
        "total": row.total,
        "total_text": format_money(row.total, row.currency, locale=locale),
        "refunded": row.refunded,
        "pieces": row.pieces,
        "placed_at": row.created_at,
        "paid_at": row.paid_at,
    }
