"""What staff do with raffles."""

from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.text.string_types import Amount, FilledText
from apps.inventory.services import NewPool, open_pools
from apps.orders.offers.terms import set_terms
from apps.orders.schemas import PriceIn
from project.settings import settings
from tests.kinds.raffle.models import Lot, Raffle


class RaffleIn(Struct, forbid_unknown_fields=True):
    """`lots` there are of it, at `price` each."""

    title: FilledText
    price: Amount
    lots: Annotated[int, Meta(ge=1, le=100_000)]


async def add_raffle(session: AsyncSession, data: RaffleIn, *, actor: str) -> Raffle:
    """With its lots, which can be bought at once."""
    raffle, pool = Raffle(id=uuid7(), title=data.title), NewPool(name=data.title, units=data.lots)
    session.add(raffle)
    await session.flush()
    await open_pools(await session.connection(), [pool], actor=actor)
    lot = Lot(id=uuid7(), title=f"{data.title} · lot", raffle_id=raffle.id)
    set_terms(lot, {settings.currency: PriceIn(data.price)}, {pool.id: 1})
    session.add(lot)
    await session.flush()
    record(session, "raffle.add", raffle, actor=actor, after={"title": data.title, "lots": data.lots})
    return raffle
