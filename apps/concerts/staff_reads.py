"""Concerts as staff see them: single things from their rows, lists by one query each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import selectinload

from apps.concerts.models import TAKES_PLACE, Concert, ConcertState, Ticket, TicketState, TicketType
from apps.concerts.repositories import CONCERTS, IS_FINISHED, TOURS, VENUES
from apps.concerts.schemas import TicketLink
from apps.concerts.staff_schemas import (
    ConcertListedOut,
    ConcertStaffOut,
    Coordinates,
    NameTexts,
    TicketTypeIn,
    TicketTypeStaffOut,
    TourStaffOut,
    VenueStaffOut,
)
from apps.concerts.ticket_types.ticket_types import MOST_TICKET_TYPES
from apps.core.db.archive import ArchiveFilter
from apps.core.db.bulk import among
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page
from apps.core.text.datetimes import Moment
from apps.core.text.search import contain
from apps.core.text.translations import Texts
from apps.orders.offers.terms import terms_of

TERMS = (selectinload(TicketType.prices), selectinload(TicketType.recipe))
VENUES_BY_NAME = Keyset((VENUES.c.name, VENUES.c.id), (str, UUID))
NEWEST_TOURS = Keyset((TOURS.c.id,), (UUID,), is_descending=True)
LATEST_CONCERTS = Keyset((CONCERTS.c.starts_at, CONCERTS.c.id), (Moment, UUID), is_descending=True)
CHANGED_CONCERTS = Keyset((CONCERTS.c.updated_at, CONCERTS.c.id), (Moment, UUID))


class CatalogueQuery(Struct, frozen=True, kw_only=True):
    """What a list of venues or tours is asked for."""

    q: str
    archive_filter: ArchiveFilter


class ConcertStaffQuery(Struct, frozen=True, kw_only=True):
    q: str
    state: ConcertState | None
    tour: UUID | None
    venue: UUID | None
    ids: Sequence[UUID] | None = None
    updated_after: datetime | None = None
    archive_filter: ArchiveFilter


def venue_out(venue: Any) -> VenueStaffOut:
    """From a row or the model."""
    place = None if venue.latitude is None else Coordinates(float(venue.latitude), float(venue.longitude))
    return VenueStaffOut(
        id=venue.id,
        name=venue.name,
        city=venue.city,
        region=venue.region,
        country=venue.country,
        coordinates=place,
        time_zone=venue.time_zone,
        archived_at=venue.archived_at,
    )


def tour_out(tour: Any) -> TourStaffOut:
    """From a row or the model."""
    return TourStaffOut(
        id=tour.id,
        title=tour.title,
        slug=tour.slug,
        description=tour.description,
        translations=msgspec.convert(tour.translations, dict[str, Texts]),
        archived_at=tour.archived_at,
    )


async def concert_out(session: AsyncSession, concert: Concert) -> ConcertStaffOut:
    valid = select(func.count(Ticket.order_id.distinct()), func.clock_timestamp()).where(
        Ticket.concert_id == concert.id, Ticket.state == TicketState.valid
    )
    orders_with_tickets, at = (await session.execute(valid)).one()
    return ConcertStaffOut(
        id=concert.id,
        title=concert.title,
        slug=concert.slug,
        description=concert.description,
        state=concert.state,
        venue=concert.venue_id,
        tour=concert.tour_id,
        starts_at=concert.starts_at,
        on_sale_at=concert.on_sale_at,
        lineup=concert.lineup,
        tickets_elsewhere=msgspec.convert(concert.tickets_elsewhere, list[TicketLink]),
        translations=msgspec.convert(concert.translations, dict[str, Texts]),
        archived_at=concert.archived_at,
        orders_with_tickets=orders_with_tickets,
        finished=concert.state in TAKES_PLACE and concert.starts_at < at,
    )


def ticket_type_out(ticket_type: TicketType) -> TicketTypeStaffOut:
    """It was loaded with its prices and recipe."""
    named = {locale: texts for locale, texts in ticket_type.translations.items() if "name" in texts}
    shown = {
        "id": ticket_type.id,
        "concert": ticket_type.concert_id,
        "translations": {locale: NameTexts(texts["name"]) for locale, texts in named.items()},
        **terms_of(ticket_type),
    }
    rest = {name: getattr(ticket_type, name) for name in TicketTypeStaffOut.__struct_fields__ if name not in shown}
    return msgspec.convert(shown | rest, TicketTypeStaffOut)


def rewritten(ticket_type: TicketType, **changes: Any) -> TicketTypeIn:
    """What staff would write to have the same again, but for the changes."""
    shown = ticket_type_out(ticket_type)
    facts = {name: getattr(shown, name) for name in TicketTypeIn.__struct_fields__}
    return TicketTypeIn(**{**facts, **changes})


async def list_venues(
    connection: AsyncConnection, query: CatalogueQuery, *, limit: int, after: str | None
) -> Page[VenueStaffOut]:
    """By name; `q` is part of the name or the city."""
    found = _named(query, select(VENUES), VENUES.c.name, VENUES.c.city)
    return await page_by_key(connection, found, VENUES_BY_NAME, venue_out, query=query, limit=limit, after=after)


async def list_tours(
    connection: AsyncConnection, query: CatalogueQuery, *, limit: int, after: str | None
) -> Page[TourStaffOut]:
    """The newest first; `q` is part of the title or the slug."""
    found = _named(query, select(TOURS), TOURS.c.title, TOURS.c.slug)
    return await page_by_key(connection, found, NEWEST_TOURS, tour_out, query=query, limit=limit, after=after)


async def list_concerts(
    connection: AsyncConnection, query: ConcertStaffQuery, *, limit: int, after: str | None
) -> Page[ConcertListedOut]:
    """The latest first, or as they were changed; `q` is part of the title, the slug, the venue's name or the city."""
    names = ("id", "title", "slug", "state", "starts_at", "updated_at", "archived_at")
    ids = (CONCERTS.c.venue_id.label("venue"), CONCERTS.c.tour_id.label("tour"))
    at_venue = (VENUES.c.name.label("venue_name"), VENUES.c.city)
    columns = (*(CONCERTS.c[name] for name in names), *ids, *at_venue, IS_FINISHED.label("finished"))
    joined = select(*columns).join(VENUES, VENUES.c.id == CONCERTS.c.venue_id)
    wanted = {CONCERTS.c.state: query.state, CONCERTS.c.tour_id: query.tour, CONCERTS.c.venue_id: query.venue}
    asked = [column == value for column, value in wanted.items() if value is not None]
    asked += [among(CONCERTS.c.id, query.ids)] if query.ids is not None else []
    asked += [CONCERTS.c.updated_at > query.updated_after] if query.updated_after else []
    texts = (CONCERTS.c.title, CONCERTS.c.slug, VENUES.c.name, VENUES.c.city)
    found = query.archive_filter.of(_matching(joined.where(*asked), query.q, *texts), CONCERTS.c.archived_at)
    keyset = CHANGED_CONCERTS if query.updated_after else LATEST_CONCERTS
    return await page_by_key(connection, found, keyset, _listed, query=query, limit=limit, after=after)


def _named(query: CatalogueQuery, found: Select[Any], *texts: Column[Any]) -> Select[Any]:
    return query.archive_filter.of(_matching(found, query.q, *texts), texts[0].table.c.archived_at)


def _matching(found: Select[Any], q: str, *texts: Column[Any]) -> Select[Any]:
    return found.where(contain(q, *texts)) if q else found


def _listed(row: Row[Any]) -> ConcertListedOut:
    return ConcertListedOut(**{name: getattr(row, name) for name in ConcertListedOut.__struct_fields__})


async def find_ticket_type(session: AsyncSession, id: UUID) -> TicketTypeStaffOut:
    """Raises NotFound."""
    found = select(TicketType).where(TicketType.id == id).options(*TERMS)
    ticket_type = (await session.scalars(found)).one_or_none()
    if ticket_type is None:
        raise NotFound
    return ticket_type_out(ticket_type)


async def ticket_types_in_use(session: AsyncSession, concert_id: UUID) -> Sequence[TicketType]:
    """Of one concert, in their order, with their terms: three queries."""
    return (await session.scalars(ArchiveFilter.in_use.of(_ticket_types(concert_id), TicketType.archived_at))).all()


async def list_ticket_types(
    session: AsyncSession, concert_id: UUID, archive_filter: ArchiveFilter
) -> list[TicketTypeStaffOut]:
    """Of one concert, in their order: three queries."""
    found = archive_filter.of(_ticket_types(concert_id), TicketType.archived_at)
    return [ticket_type_out(each) for each in await session.scalars(found)]


def _ticket_types(concert_id: UUID) -> Select[Any]:
    found = select(TicketType).where(TicketType.concert_id == concert_id).order_by(TicketType.position, TicketType.id)
    return found.options(*TERMS).limit(MOST_TICKET_TYPES)
