"""What tickets cost in the band's own currency; prices in others stay as they are."""

from collections.abc import Mapping
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.ticket_types.current_ticket_types import as_written
from apps.concerts.ticket_types.ticket_types import change_ticket_type, lock_ticket_type
from apps.orders.offers.terms import prices_of
from apps.orders.schemas import PriceIn
from project.settings import settings


async def change_price(session: AsyncSession, ticket_type: UUID, amount: int, *, actor: str) -> None:
    """Minor units. What was ordered keeps its price. Raises NotFound, InArchive, Invalid."""
    concert, found = await lock_ticket_type(session, ticket_type)
    prices = priced(prices_of(found), amount)
    await change_ticket_type(session, concert, found, as_written(found, prices=prices), actor=actor)


def priced(prices: Mapping[str, PriceIn], amount: int) -> dict[str, PriceIn]:
    here = prices.get(settings.currency, PriceIn(amount))
    return {**prices, settings.currency: replace(here, amount=amount)}
