"""What the pages ask the database beyond what the apps below already tell."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.repositories import TICKET_TYPES
from apps.core.db.bulk import among
from apps.inventory.ledger import HOLDS
from apps.orders.models import OfferPool
from apps.orders.offers.availability import pieces_on_sale
from apps.orders.offers.prices import AMOUNT, PRICES
from apps.orders.repositories import CART_LINES, CARTS, OFFERS
from apps.payments.models import Payment, Refund

PAYMENTS = Payment.table()
REFUNDS = Refund.table()


class PiecesInCart(msgspec.Struct):
    """How many pieces there are; by offer those that are really held for the fan, or need not be."""

    total: int = 0
    held: dict[UUID, int] = {}


async def pieces_in_cart(connection: AsyncConnection, cart_id: UUID) -> PiecesInCart:
    """None in a cart that became an order."""
    pieces, held = func.sum(CART_LINES.c.quantity), func.sum(CART_LINES.c.quantity).filter(_is_held_or_uncounted())
    open_cart = (CARTS.c.id == cart_id) & ~CARTS.c.placed
    found = select(CART_LINES.c.offer_id, pieces, held).join(CARTS, CARTS.c.id == CART_LINES.c.cart_id).where(open_cart)
    rows = (await connection.execute(found.group_by(CART_LINES.c.offer_id))).tuples().all()
    return PiecesInCart(sum(each for _, each, _ in rows), {offer: mine for offer, _, mine in rows if mine})


def _is_held_or_uncounted() -> ColumnElement[bool]:
    """Of a line of a cart."""
    still_held = (HOLDS.c.item_id == CART_LINES.c.id) & (HOLDS.c.expires_at > func.now())
    return or_(exists().where(still_held), ~exists().where(OfferPool.offer_id == CART_LINES.c.offer_id))


async def ticket_prices(connection: AsyncConnection, concerts: Collection[UUID], *, currency: str) -> dict[UUID, int]:
    """The cheapest ticket of each concert that can still be had."""
    found = (
        select(TICKET_TYPES.c.concert_id, func.min(AMOUNT).label("price"))
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
