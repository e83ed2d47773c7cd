"""Duplicates a concert for another date: a draft with the same ticket types, prices and capacity."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, Venue
from apps.concerts.scheduling.concerts import add_concert, concert_label_of
from apps.concerts.staff_schemas import ConcertIn
from apps.concerts.ticket_types.concert_pools import concert_pools_of
from apps.concerts.ticket_types.current_ticket_types import as_written, ticket_types_in_use
from apps.concerts.ticket_types.ticket_types import add_ticket_types
from apps.inventory.services import NewPool, open_pools
from apps.orders.offers.pools import name_after


async def duplicate(session: AsyncSession, concert: Concert, starts_at: datetime, *, actor: str) -> Concert:
    """Sales begin and end as long before it as they did. Raises Invalid when its venue or tour is in the archive."""
    copy = await add_concert(session, _facts(concert, starts_at), actor=actor)
    pools = await _same_pools(session, concert, copy, actor=actor)
    zone = ZoneInfo((await session.get_one(Venue, concert.venue_id)).time_zone)
    later = _on_clocks(starts_at, zone) - _on_clocks(concert.starts_at, zone)
    types = []
    for each in await ticket_types_in_use(session, concert.id):
        moments = {name: getattr(each, name) for name in ("early_from", "sale_from", "sale_until")}
        window = {
            name: moment and (_on_clocks(moment, zone) + later).replace(tzinfo=zone) for name, moment in moments.items()
        }
        allocation = {pools[taken.pool_id]: taken.units for taken in each.allocation}
        types.append(as_written(each, allocation=allocation, **window))
    await add_ticket_types(session, copy, types, actor=actor)
    return copy


def _facts(concert: Concert, starts_at: datetime) -> ConcertIn:
    facts = {name: getattr(concert, name) for name in ("title", "description", "lineup", "translations")}
    return msgspec.convert(
        {**facts, "venue": concert.venue_id, "tour": concert.tour_id, "starts_at": starts_at}, ConcertIn
    )


async def _same_pools(session: AsyncSession, concert: Concert, copy: Concert, *, actor: str) -> dict[UUID, UUID]:
    """Pools of the concert → new ones of the same size."""
    concert_pools = (await concert_pools_of(session, [concert.id]))[concert.id]
    old_name, new_name = await concert_label_of(session, concert), await concert_label_of(session, copy)
    names = {id: _renamed(pool.name, old=old_name, new=new_name) for id, pool in concert_pools.pools.items()}
    if concert_pools.hall:
        names[concert_pools.hall.id] = new_name
    new = {id: NewPool(name=names[id], units=pool.capacity) for id, pool in concert_pools.pools.items()}
    await open_pools(await session.connection(), list(new.values()), actor=actor)
    return {old: pool.id for old, pool in new.items()}


def _renamed(name: str, *, old: str, new: str) -> str:
    """What stands after the colon says which places they are, whatever day and place stand before it."""
    _occasion, colon, part = name.partition(":")
    return name_after(name, old=old, new=new) or (f"{new}:{part}" if colon else f"{new}: {name}")


def _on_clocks(moment: datetime, zone: ZoneInfo) -> datetime:
    """Without a zone, so that an hour of the clock stays one when the clocks change meanwhile."""
    return moment.astimezone(zone).replace(tzinfo=None)
