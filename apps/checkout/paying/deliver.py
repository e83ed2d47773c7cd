"""Paid orders are handed over, each line by the app of its kind."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import update_rows
from apps.core.db.database import now
from apps.core.events import publish
from apps.inventory.release import mark_sold
from apps.orders.events import OrderDelivered
from apps.orders.kinds.fulfilment import Delivery, fulfilments_of
from apps.orders.models import OrderState
from apps.orders.repositories import LOCK_ORDERS, ORDERS, lines_of_orders


async def deliver(connection: AsyncConnection, order_ids: Collection[UUID]) -> None:
    """Once: under the orders' locks, a second run finds them delivered."""
    locked = (await connection.execute(LOCK_ORDERS, {"ids": list(order_ids)})).all()
    orders = [each for each in locked if each.state is OrderState.paid and each.delivered_at is None]
    if not orders:
        return
    ids = [order.id for order in orders]
    await mark_sold(connection, ids)
    lines = (await connection.execute(lines_of_orders(ids))).all()
    for kind in fulfilments_of(lines):
        of_kind = _by_order(line for line in lines if line.kind == kind.kind)
        await kind.deliver(connection, [Delivery(order, of_kind[order.id]) for order in orders if order.id in of_kind])
    moment = await now(connection)
    await update_rows(connection, ORDERS, [{"id": id, "delivered_at": moment} for id in ids])
    await publish(connection, *(OrderDelivered(id) for id in ids))


def _by_order(lines: Iterable[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    found = defaultdict(list)
    for line in lines:
        found[line.order_id].append(line)
    return found
