"""Put tickets on sale, and move a concert. Each verb writes within the caller's transaction.

A ticket can be bought while its offer is active and its sale window open: these verbs keep both true to the concert.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, Update, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, ConcertState, TicketType
from apps.core.audit import SYSTEM, record
from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.orders.models import Offer, OfferPool, OfferPrice

TICKET_TYPES = cast(Table, TicketType.__table__)


class NothingToSell(AppError):
    status = 409
    type = "nothing-to-sell"
    message = _("Add a ticket type before the concert goes on sale.")


class NotForSale(AppError):
    status = 409
    type = "not-for-sale"
    message = _("A concert that is cancelled or still a draft cannot be put on sale.")


async def add_ticket_type(
    session: AsyncSession,
    concert: Concert,
    *,
    name: str,
    prices: Mapping[str, int],
    pools: Mapping[UUID, int],
    position: int = 0,
    max_per_order: int = 10,
    sale_from: datetime | None = None,
    sale_until: datetime | None = None,
    actor: str = SYSTEM,
) -> TicketType:
    """`prices` are minor units by currency; `pools` are the units that one ticket takes of each pool.

    It can be bought as soon as the concert is on sale, until it starts where no other end is given.
    """
    ticket_type = TicketType(
        concert_id=concert.id,
        name=name,
        title=f"{concert.title[:175]} · {name}",
        position=position,
        active=concert.state == ConcertState.on_sale,
        max_per_order=max_per_order,
        sale_from=sale_from,
        sale_until=sale_until or concert.starts_at,
        prices=[OfferPrice(currency=currency, amount=amount) for currency, amount in prices.items()],
        recipe=[OfferPool(pool_id=pool, units=units) for pool, units in pools.items()],
    )
    session.add(ticket_type)
    await session.flush()
    record(session, "concerts.add_ticket_type", ticket_type, actor=actor, after={"name": name, "prices": dict(prices)})
    return ticket_type


async def put_on_sale(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """Announced or postponed → on sale, with all its ticket types; on sale already changes nothing.

    Raises NothingToSell without ticket types, NotForSale when the concert is cancelled or a draft.
    """
    await session.refresh(concert, ["state"], with_for_update={"key_share": True})
    if not (concert.state == ConcertState.on_sale or concert.may_move(ConcertState.on_sale)):
        raise NotForSale
    if not await session.scalar(
        select(TICKET_TYPES.c.offer_id).where(TICKET_TYPES.c.concert_id == concert.id).limit(1)
    ):
        raise NothingToSell
    before = concert.state
    if concert.move(ConcertState.on_sale):
        await session.execute(_offers_of(concert).values(active=True))
        after = {"state": concert.state}
        record(session, "concerts.put_on_sale", concert, actor=actor, before={"state": before}, after=after)
        await session.flush()


async def set_start(session: AsyncSession, concert: Concert, starts_at: datetime) -> None:
    """Move the concert. Sales that ended at its start end at the new one, and none begins after it."""
    too_late = _offers_of(concert).where(Offer.sale_until == concert.starts_at, Offer.sale_from >= starts_at)
    await session.execute(too_late.values(sale_from=None))
    ends_then = _offers_of(concert).where(Offer.sale_until == concert.starts_at)
    await session.execute(ends_then.values(sale_until=starts_at))
    concert.starts_at = starts_at


def _offers_of(concert: Concert) -> Update:
    return update(Offer).where(
        Offer.id.in_(select(TICKET_TYPES.c.offer_id).where(TICKET_TYPES.c.concert_id == concert.id))
    )
