"""Concerts as staff see them: single things from their rows, lists by one query each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.concerts.models import TAKES_PLACE, Concert, ConcertState, Ticket, TicketState, TicketType
from apps.concerts.repositories import CONCERTS, IS_FINISHED, VENUES
from apps.concerts.scheduling.with_ticket_types_schemas import ConcertWithTicketTypesOut, TicketTypeRowOut
from apps.concerts.schemas import TicketLink
from apps.concerts.staff_schemas import (
    ConcertListedOut,
    ConcertStaffOut,
    Coordinates,
    TicketTypeStaffOut,
    VenueStaffOut,
)
from apps.concerts.ticket_types.concert_pools import ConcertPool, concert_pools_of
from apps.concerts.ticket_types.current_ticket_types import TERMS, as_written, ticket_types_in_use, ticket_types_of
from apps.core.db.archive import ArchiveFilter
from apps.core.db.bulk import among
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.search import contain
from apps.core.text.translations import Texts
from project.settings import settings

LATEST_CONCERTS = Keyset((CONCERTS.c.starts_at, CONCERTS.c.id), (AwareDatetime, UUID), is_descending=True)
CHANGED_CONCERTS = Keyset((CONCERTS.c.updated_at, CONCERTS.c.id), (AwareDatetime, UUID))


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
    """It was loaded with its prices and allocation."""
    shown = {"concert": ticket_type.concert_id, **asdict(as_written(ticket_type))}
    rest = {name: getattr(ticket_type, name) for name in TicketTypeStaffOut.__struct_fields__ if name not in shown}
    return TicketTypeStaffOut(**shown, **rest)


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
    asked += [contain(query.q, *texts)] if query.q else []
    found = query.archive_filter.of(joined.where(*asked), CONCERTS.c.archived_at)
    keyset = CHANGED_CONCERTS if query.updated_after else LATEST_CONCERTS
    return await page_by_key(connection, found, keyset, _listed, query=query, limit=limit, after=after)


def _listed(row: Row[Any]) -> ConcertListedOut:
    return ConcertListedOut(**{name: getattr(row, name) for name in ConcertListedOut.__struct_fields__})


async def find_ticket_type(session: AsyncSession, id: UUID) -> TicketTypeStaffOut:
    """Raises NotFound."""
    found = select(TicketType).where(TicketType.id == id).options(*TERMS)
    ticket_type = (await session.scalars(found)).one_or_none()
    if ticket_type is None:
        raise NotFound
    return ticket_type_out(ticket_type)


async def list_ticket_types(
    session: AsyncSession, concert_id: UUID, archive_filter: ArchiveFilter
) -> list[TicketTypeStaffOut]:
    """Of one concert, in their order: three queries."""
    return [ticket_type_out(each) for each in await ticket_types_of(session, concert_id, archive_filter)]


async def concert_with_ticket_types_out(session: AsyncSession, concert: Concert) -> ConcertWithTicketTypesOut:
    pools = (await concert_pools_of(session, [concert.id]))[concert.id]
    types = await ticket_types_in_use(session, concert.id)
    shown = asdict(await concert_out(session, concert))
    rows = [_row_out(concert, each, pools.own(each.id)) for each in types]
    return ConcertWithTicketTypesOut(**shown, capacity=_capacity(pools.hall), ticket_types=rows)


def _row_out(concert: Concert, ticket_type: TicketType, own: ConcertPool | None) -> TicketTypeRowOut:
    out = as_written(ticket_type)
    price = out.prices.get(settings.currency)
    return TicketTypeRowOut(
        id=ticket_type.id,
        name=out.name,
        price=price.amount if price else None,
        capacity=_capacity(own),
        max_per_order=out.max_per_order,
        max_per_customer=out.max_per_customer,
        sale_from=out.sale_from,
        sale_until=None if out.sale_until == concert.starts_at else out.sale_until,
        translations=dict(out.translations),
    )


def _capacity(pool: ConcertPool | None) -> int | None:
    return pool.capacity if pool else None
