"""Hot reads of the box office: Core selects straight to structs, a fixed number of queries."""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.models import Concert, ConcertState, TicketType, Venue
from apps.concerts.schemas import ConcertOut, ConcertSummaryOut, TicketTypeOut, VenueOut
from apps.core.errors import NotFound
from apps.core.pagination import BadCursor, Page, cursor, cursor_key
from apps.orders.availability import UNCOUNTED, left, pieces_left
from apps.orders.repositories import OFFERS, PRICES

CONCERTS = cast(Table, Concert.__table__)
VENUES = cast(Table, Venue.__table__)
TICKET_TYPES = cast(Table, TicketType.__table__)
PLACES = tuple(VENUES.c[name] for name in VenueOut.__struct_fields__)


class When(StrEnum):
    upcoming = "upcoming"
    past = "past"


async def list_concerts(
    connection: AsyncConnection, *, when: When, limit: int, after: str | None
) -> Page[ConcertSummaryOut]:
    """Upcoming ones soonest first, past ones latest first: one query."""
    place = _place(after) if after is not None else {}
    found = _page(when, begins=not place)
    rows = (await connection.execute(found, {"size": limit + 1, **place})).all()
    items = [_summary(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, cursor(items[-1].starts_at.isoformat(), str(items[-1].id)) if more else None)


@cache
def _page(when: When, *, begins: bool) -> Select[Any]:
    """Statements of hot reads are made once, because making one takes longer than running it."""
    found = _summaries(when).limit(bindparam("size"))
    if begins:
        return found
    place = tuple_(CONCERTS.c.starts_at, CONCERTS.c.id)
    after = tuple_(bindparam("after", type_=CONCERTS.c.starts_at.type), bindparam("after_id", type_=CONCERTS.c.id.type))
    return found.where(place > after if when is When.upcoming else place < after)


def _summaries(when: When) -> Select[Any]:
    seats = (
        select(func.max(func.coalesce(pieces_left(TICKET_TYPES.c.offer_id), UNCOUNTED)).label("pieces"))
        .select_from(TICKET_TYPES)
        .join(OFFERS, OFFERS.c.id == TICKET_TYPES.c.offer_id)
        .where(TICKET_TYPES.c.concert_id == CONCERTS.c.id, OFFERS.c.active)
        .lateral("seats")
    )
    columns = (CONCERTS.c.id, CONCERTS.c.slug, CONCERTS.c.title, CONCERTS.c.starts_at, CONCERTS.c.state)
    found = (
        select(*columns, *PLACES, seats.c.pieces)
        .join(VENUES, VENUES.c.id == CONCERTS.c.venue_id)
        .join(seats, true())
        .where(CONCERTS.c.state != ConcertState.draft)
    )
    if when is When.upcoming:
        return found.where(CONCERTS.c.starts_at >= func.now()).order_by(CONCERTS.c.starts_at, CONCERTS.c.id)
    return found.where(CONCERTS.c.starts_at < func.now()).order_by(CONCERTS.c.starts_at.desc(), CONCERTS.c.id.desc())


def _place(after: str) -> dict[str, Any]:
    starts_at, id = cursor_key(after, 2)
    try:
        return {"after": datetime.fromisoformat(starts_at), "after_id": UUID(id)}
    except ValueError:
        raise BadCursor from None


def _summary(row: Row[Any]) -> ConcertSummaryOut:
    seats = None if row.pieces is None else left(row.pieces).availability
    return ConcertSummaryOut(row.id, row.slug, row.title, row.starts_at, row.state, _venue(row), seats)


def _venue(row: Row[Any]) -> VenueOut:
    return VenueOut(*(getattr(row, name) for name in VenueOut.__struct_fields__))


async def concert_by_slug(connection: AsyncConnection, slug: str, *, currency: str) -> ConcertOut:
    """Two queries: the concert with its venue, its ticket types."""
    row = (await connection.execute(_concert(), {"slug": slug})).one_or_none()
    if row is None:
        raise NotFound
    types = await connection.execute(_ticket_types(), {"concert_id": row.id, "currency": currency})
    return ConcertOut(
        id=row.id,
        slug=row.slug,
        title=row.title,
        description=row.description,
        starts_at=row.starts_at,
        on_sale_at=row.on_sale_at,
        state=row.state,
        venue=_venue(row),
        lineup=row.lineup,
        currency=currency,
        ticket_types=[_ticket_type(each) for each in types],
    )


@cache
def _concert() -> Select[Any]:
    columns = [CONCERTS.c[name] for name in ConcertOut.__struct_fields__ if name in CONCERTS.c]
    found = select(*columns, *PLACES).join(VENUES, VENUES.c.id == CONCERTS.c.venue_id)
    return found.where(CONCERTS.c.slug == bindparam("slug"), CONCERTS.c.state != ConcertState.draft)


@cache
def _ticket_types() -> Select[Any]:
    terms = (OFFERS.c.id, OFFERS.c.sale_from, OFFERS.c.sale_until, OFFERS.c.max_per_order)
    prices = (PRICES.c.amount, PRICES.c.minimum)
    return (
        select(*terms, TICKET_TYPES.c.name, *prices, pieces_left(OFFERS.c.id).label("pieces"))
        .join(TICKET_TYPES, TICKET_TYPES.c.offer_id == OFFERS.c.id)
        .outerjoin(PRICES, (PRICES.c.offer_id == OFFERS.c.id) & (PRICES.c.currency == bindparam("currency")))
        .where(TICKET_TYPES.c.concert_id == bindparam("concert_id"), OFFERS.c.active)
        .order_by(TICKET_TYPES.c.position, OFFERS.c.id)
    )


def _ticket_type(row: Row[Any]) -> TicketTypeOut:
    seats = left(row.pieces)
    return TicketTypeOut(
        id=row.id,
        name=row.name,
        price=row.amount,
        minimum=row.minimum,
        sale_from=row.sale_from,
        sale_until=row.sale_until,
        max_per_order=row.max_per_order,
        availability=seats.availability,
        left=seats.left,
    )
