"""What every page asks the database: how much is in the fan's cart."""

from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.inventory.repositories import HOLDS
from apps.orders.models import OfferPool
from apps.orders.repositories import CART_LINES, CARTS, CartRef, is_cart


class CartQuantity(msgspec.Struct):
    """How many pieces there are; by offer those that are really held for the fan, or need not be."""

    total: int = 0
    held: dict[UUID, int] = {}


async def cart_quantity(connection: AsyncConnection, cart: CartRef) -> CartQuantity:
    """None in a cart that became an order."""
    pieces, held = func.sum(CART_LINES.c.quantity), func.sum(CART_LINES.c.quantity).filter(_is_held_or_uncounted())
    open_cart = is_cart(cart) & ~CARTS.c.placed
    found = select(CART_LINES.c.offer_id, pieces, held).join(CARTS, CARTS.c.id == CART_LINES.c.cart_id).where(open_cart)
    rows = (await connection.execute(found.group_by(CART_LINES.c.offer_id))).tuples().all()
    return CartQuantity(sum(each for _, each, _ in rows), {offer: mine for offer, _, mine in rows if mine})


def _is_held_or_uncounted() -> ColumnElement[bool]:
    """Of a line of a cart."""
    still_held = (HOLDS.c.item_id == CART_LINES.c.id) & (HOLDS.c.expires_at > func.now())
    return or_(exists().where(still_held), ~exists().where(OfferPool.offer_id == CART_LINES.c.offer_id))
