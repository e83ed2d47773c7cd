"""What the pages ask the database beyond what the apps below already tell."""

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.repositories import TICKET_TYPES
from apps.core.bulk import among
from apps.orders.availability import pieces_on_sale
from apps.orders.repositories import CART_LINES, CARTS, OFFERS, PRICES
from apps.payments.models import Payment, Refund

PAYMENTS = cast(Table, Payment.__table__)
REFUNDS = cast(Table, Refund.__table__)


async def count_pieces(connection: AsyncConnection, cart_id: UUID) -> int:
    """How many pieces are in a cart; none in one that became an order."""
    pieces = func.coalesce(func.sum(CART_LINES.c.quantity), 0)
    open_cart = (CARTS.c.id == cart_id) & ~CARTS.c.placed
    found = select(pieces).join(CARTS, CARTS.c.id == CART_LINES.c.cart_id).where(open_cart)
    return int((await connection.execute(found)).scalar_one())


async def ticket_prices(connection: AsyncConnection, concerts: Collection[UUID], *, currency: str) -> dict[UUID, int]:
    """The cheapest ticket of each concert that can still be had."""
    found = (
        select(TICKET_TYPES.c.concert_id, func.min(PRICES.c.amount).label("price"))
        .join(OFFERS, OFFERS.c.id == TICKET_TYPES.c.offer_id)
        .join(PRICES, (PRICES.c.offer_id == OFFERS.c.id) & (PRICES.c.currency == currency))
        .where(among(TICKET_TYPES.c.concert_id, concerts), OFFERS.c.active, pieces_on_sale() > 0)
        .group_by(TICKET_TYPES.c.concert_id)
    )
    return {row.concert_id: row.price for row in await connection.execute(found)}


async def refunds_of(connection: AsyncConnection, owner_id: UUID) -> list[Row[Any]]:
    """Money that went back, or is on its way: amount, currency and state, oldest first."""
    found = (
        select(REFUNDS.c.amount, PAYMENTS.c.currency, REFUNDS.c.state)
        .join(PAYMENTS, PAYMENTS.c.id == REFUNDS.c.payment_id)
        .where(PAYMENTS.c.owner_id == owner_id)
        .order_by(REFUNDS.c.created_at)
    )
    return list(await connection.execute(found))
