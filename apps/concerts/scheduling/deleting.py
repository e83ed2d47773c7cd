"""Deleting what was made by mistake. What fans have seen or bought goes to the archive instead."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, ConcertState, Tour, Venue
from apps.concerts.repositories import CONCERTS, TICKET_TYPES, TOURS, VENUES
from apps.concerts.scheduling.services import WrongConcertState
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.orders.offers.deleting import delete_offers


class TourNotEmpty(AppError):
    status = 409
    type = "tour-not-empty"
    message = _("Concerts belong to this tour. It can only go to the archive.")


class VenueNotEmpty(AppError):
    status = 409
    type = "venue-not-empty"
    message = _("There are concerts at this venue. It can only go to the archive.")


async def delete_concert(session: AsyncSession, concert: Concert, *, actor: str) -> None:
    """The concert is locked. A draft, with its ticket types. Raises WrongConcertState, AlreadyOrdered."""
    if concert.state is not ConcertState.draft:
        raise WrongConcertState(state=concert.state)
    of_concert = select(TICKET_TYPES.c.offer_id).where(TICKET_TYPES.c.concert_id == concert.id)
    types = (await session.scalars(of_concert)).all()
    await delete_offers(session, types, actor=actor)
    await session.execute(delete(CONCERTS).where(CONCERTS.c.id == concert.id))
    gone = {"title": concert.title, "slug": concert.slug, "ticket_types": len(types)}
    record(session, "concerts.delete", concert, actor=actor, before=gone)


async def delete_tour(session: AsyncSession, tour: Tour, *, actor: str) -> None:
    """The tour is locked. Raises TourNotEmpty while it has concerts, in the archive too."""
    if await session.scalar(select(Concert.id).where(Concert.tour_id == tour.id).limit(1)) is not None:
        raise TourNotEmpty
    record(session, "concerts.delete_tour", tour, actor=actor, before={"title": tour.title, "slug": tour.slug})
    await session.execute(delete(TOURS).where(TOURS.c.id == tour.id))


async def delete_venue(session: AsyncSession, venue: Venue, *, actor: str) -> None:
    """The venue is locked. Raises VenueNotEmpty when there ever was, or will be, a concert there."""
    if await session.scalar(select(Concert.id).where(Concert.venue_id == venue.id).limit(1)) is not None:
        raise VenueNotEmpty
    record(session, "concerts.delete_venue", venue, actor=actor, before={"name": venue.name, "city": venue.city})
    await session.execute(delete(VENUES).where(VENUES.c.id == venue.id))
