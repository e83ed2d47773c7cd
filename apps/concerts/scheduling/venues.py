"""Venues: where concerts are."""

from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.imports.time_zones import zone_at
from apps.concerts.models import Concert, ConcertState, Venue
from apps.concerts.scheduling.concert_label import concert_label
from apps.concerts.staff_schemas import VenueIn
from apps.concerts.ticket_types.concert_pools import rename_concert_pools
from apps.core.audit import assign, record
from apps.core.db.archive import archive, refuse_archived
from apps.core.db.database import now
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.text.i18n import lazy as _
from project.settings import TIME_ZONES, settings

NO_ZONE = _("There is no such time zone.")


class VenueExists(AppError):
    status = 409
    type = "venue-exists"
    message = _("There is a venue of this name in this place already.")
    about = ("name",)


class VenueInUse(AppError):
    status = 409
    type = "venue-in-use"
    message = _("Concerts are still to come at this venue.")


async def add_venue(session: AsyncSession, data: VenueIn, *, actor: str) -> Venue:
    venue = Venue(id=uuid7())
    facts = await _facts(session, venue, data)
    for name, value in facts.items():
        setattr(venue, name, value)
    session.add(venue)
    await session.flush()
    record(session, "concerts.add_venue", venue, actor=actor, after=msgspec.to_builtins(facts))
    return venue


async def change_venue(session: AsyncSession, venue: Venue, data: VenueIn, *, actor: str) -> None:
    """The venue is locked. Its concerts stay at their instants, also when the zone they are shown in changes.

    Their places are called after it, in as many statements for many concerts as for one.
    """
    refuse_archived(venue)
    found = select(Concert.id, Concert.starts_at).where(Concert.venue_id == venue.id)
    concerts = (await session.execute(found)).tuples().all()
    known_as = {id: concert_label(starts_at, venue) for id, starts_at in concerts}
    before, after = assign(venue, await _facts(session, venue, data))
    await session.flush()
    await rename_concert_pools(
        session, {id: (known_as[id], concert_label(starts_at, venue)) for id, starts_at in concerts}
    )
    if after:
        record(session, "concerts.change_venue", venue, actor=actor, before=before, after=after)


async def archive_venue(session: AsyncSession, venue: Venue, *, actor: str) -> None:
    """Raises VenueInUse while concerts are to come there."""
    to_come = select(Concert.id).where(
        Concert.venue_id == venue.id,
        Concert.starts_at > await now(session),
        Concert.state != ConcertState.cancelled,
        Concert.archived_at.is_(None),
    )
    if await session.scalar(to_come.limit(1)) is not None:
        raise VenueInUse
    await archive(session, venue, action="concerts.archive_venue", actor=actor)


async def _facts(session: AsyncSession, venue: Venue, data: VenueIn) -> dict[str, Any]:
    place = data.coordinates
    zone = data.time_zone or (place and zone_at(place.latitude, place.longitude)) or settings.time_zone
    if zone not in TIME_ZONES:
        raise Invalid(errors=[FieldError("time_zone", NO_ZONE)])
    address = {"name": data.name, "city": data.city, "region": data.region, "country": data.country}
    if await session.scalar(select(Venue.id).filter_by(**address).where(Venue.id != venue.id)) is not None:
        raise VenueExists
    return {
        **address,
        "latitude": place and round(place.latitude, 6),
        "longitude": place and round(place.longitude, 6),
        "time_zone": zone,
    }
