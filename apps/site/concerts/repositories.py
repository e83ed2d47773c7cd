"""What the pages of concerts ask the database beyond what the apps below already tell."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.repositories import TICKET_TYPES
from apps.core.db.bulk import among
from apps.orders.offers.availability import pieces_on_sale
from apps.orders.prices import AMOUNT, PRICES
from apps.orders.repositories import OFFERS


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
