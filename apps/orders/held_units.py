"""Units of pools that are held, but not sold.

Carts, and orders that are not paid yet, hold it: both are few, and an index has them by pool. There is no index of all
holds by pool, which would grow with every sale.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    Select,
    String,
    Subquery,
    Uuid,
    all_,
    bindparam,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.bulk import among
from apps.inventory.levels import Level
from apps.inventory.repositories import HOLDS, IS_HELD, POOLS
from apps.orders.models import OrderState
from apps.orders.repositories import CART_LINES, ORDER_LINES, ORDERS


async def held_units(session: AsyncSession, pools: Collection[UUID]) -> Mapping[UUID, int]:
    """By pool: one query."""
    held = _held(pools)
    found = select(held.c.pool_id, func.sum(held.c.units)).group_by(held.c.pool_id)
    return dict((await session.execute(found)).tuples().all())


async def levels_of(session: AsyncSession, pools: Collection[UUID]) -> dict[UUID, Level]:
    """By pool: two queries."""
    held = await held_units(session, pools)
    found = select(POOLS.c.id, POOLS.c.capacity, POOLS.c.reserved).where(among(POOLS.c.id, pools))
    rows = await session.execute(found)
    return {row.id: Level(row.capacity, units := held.get(row.id, 0), row.reserved - units) for row in rows}


async def held_quantities(session: AsyncSession, pools: Collection[UUID]) -> Mapping[UUID, int]:
    """Pieces that take units of these pools, by offer: one query."""
    held = _held(pools)
    lines = union_all(
        _lines(held, CART_LINES.c.cart_id),
        _lines(held, ORDER_LINES.c.order_id),
    ).subquery()
    found = select(lines.c.offer_id, func.sum(lines.c.quantity)).group_by(lines.c.offer_id)
    return dict((await session.execute(found)).tuples().all())


async def held_by_customers(
    connection: AsyncConnection, emails: Collection[str], users: Collection[UUID]
) -> dict[str, dict[UUID, int]]:
    """Units of each pool in unpaid orders, by email address and by the id of who was signed in."""
    held: dict[str, dict[UUID, int]] = {}
    rows = await connection.execute(HELD_BY_CUSTOMERS, {"emails": list(emails), "users": list(users)})
    for email, user, pool, units in rows:
        for customer in (email, str(user)) if user else (email,):
            theirs = held.setdefault(customer, {})
            theirs[pool] = theirs.get(pool, 0) + units
    return held


def _of_customers() -> Select[Any]:
    """Customer by customer over the indexes: no plan that was made of an empty shop reads all orders of a full one."""
    emails, users = bindparam("emails", type_=ARRAY(String)), bindparam("users", type_=ARRAY(Uuid))
    by_email, by_user = _pending(ORDERS.c.email, emails), _pending(ORDERS.c.user_id, users)
    theirs = union_all(by_email, by_user.where(by_user.selected_columns.email != all_(emails))).subquery()
    held = select(HOLDS.c.pool_id, HOLDS.c.units).where(HOLDS.c.owner_id == theirs.c.id).offset(0).lateral()
    customer = (theirs.c.email, theirs.c.user_id)
    found = select(*customer, held.c.pool_id, func.sum(held.c.units)).select_from(theirs.join(held, true()))
    return found.group_by(*customer, held.c.pool_id)


def _pending(column: Column[Any], customers: BindParameter[Any]) -> Select[Any]:
    asked = func.unnest(customers).table_valued(Column("customer", column.type)).render_derived("asked")
    named = select(ORDERS.c.id, ORDERS.c.email, ORDERS.c.user_id, ORDERS.c.state).where(column == asked.c.customer)
    theirs = named.offset(0).lateral()
    return select(theirs).select_from(asked.join(theirs, true())).where(theirs.c.state == OrderState.pending)


HELD_BY_CUSTOMERS = _of_customers()


def _held(pools: Collection[UUID]) -> Subquery:
    return select(HOLDS).where(among(HOLDS.c.pool_id, pools), IS_HELD).subquery()


def _lines(held: Subquery, owner: Column[Any]) -> Select[Any]:
    """An order's line keeps the id that it had in the cart."""
    items = select(held.c.item_id, held.c.owner_id).distinct().subquery()
    lines = owner.table
    is_item = (items.c.item_id == lines.c.id) & (items.c.owner_id == owner)
    return select(lines.c.offer_id, lines.c.quantity).join(items, is_item)
