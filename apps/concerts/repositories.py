"""Tables, locks and hot reads of concerts: Core selects straight to structs, a fixed number of queries."""

from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, String, and_, bindparam, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.models import TAKES_PLACE, Concert, ConcertNotice, ConcertState, TicketType, Tour, Venue
from apps.concerts.schemas import (
    ConcertOut,
    PublicConcertState,
    TicketLink,
    TicketTypeOut,
    TourNameOut,
    TourOut,
    TourSummaryOut,
    VenueOut,
)
from apps.core.db.repositories import LockingRepository
from apps.core.http.pagination import Page, cursor, typed_key
from apps.core.money import price_text
from apps.core.text.countries import country_as_typed
from apps.core.text.slugs import present_slug
from apps.core.text.translations import in_locale
from apps.orders.offers.availability import for_members, left, pieces_on_sale
from apps.orders.prices import AMOUNT, MEMBER_AMOUNT, MINIMUM, PRICES
from apps.orders.repositories import OFFERS

CONCERTS = Concert.table()
VENUES = Venue.table()
TOURS = Tour.table()
TICKET_TYPES = TicketType.table()
NOTICES = ConcertNotice.table()
venue_values = attrgetter(*VenueOut.__struct_fields__)
PLACES = tuple(VENUES.c[name] for name in VenueOut.__struct_fields__)
TOUR_NAME = (
    TOURS.c.slug.label("tour_slug"),
    in_locale(TOURS.c.title, TOURS.c.translations, "title").label("tour_title"),
)
NO_DRAFT = CONCERTS.c.state != literal_column(f"'{ConcertState.draft}'")
"""Spelled out: with a parameter, PostgreSQL's generic plan looks at all concerts before it limits them."""
ON_SHOW = and_(NO_DRAFT, CONCERTS.c.archived_at.is_(None))
IS_FINISHED = and_(CONCERTS.c.starts_at < func.now(), CONCERTS.c.state.in_(TAKES_PLACE))
PUBLIC_STATE = case(
    (IS_FINISHED, literal_column(f"'{PublicConcertState.finished}'", String)), else_=CONCERTS.c.state
).label("public_state")
WITH_PLACE_AND_TOUR = CONCERTS.join(VENUES, VENUES.c.id == CONCERTS.c.venue_id).outerjoin(
    TOURS, and_(TOURS.c.id == CONCERTS.c.tour_id, TOURS.c.archived_at.is_(None))
)


class VenueRepository(LockingRepository[Venue]):
    model_type = Venue


class TourRepository(LockingRepository[Tour]):
    model_type = Tour


class ConcertRepository(LockingRepository[Concert]):
    model_type = Concert


class TicketTypeRepository(LockingRepository[TicketType]):
    model_type = TicketType


async def concert_by_slug(connection: AsyncConnection, slug: str, *, currency: str, locale: str) -> ConcertOut:
    """Two queries: the concert with its venue and tour, its ticket types.

    Two more by a former slug. Raises NotFound.
    """
    row = (await connection.execute(_concert(), {"slug": slug, "locale": locale})).one_or_none()
    if row is None:
        present = await present_slug(connection, CONCERTS, slug)
        return await concert_by_slug(connection, present, currency=currency, locale=locale)
    types = await connection.execute(_ticket_types(), {"concert_id": row.id, "currency": currency, "locale": locale})
    shown = [_ticket_type(each, currency, locale) for each in types]
    return ConcertOut(
        id=row.id,
        slug=row.slug,
        title=row.shown_title,
        description=row.shown_description,
        starts_at=row.starts_at,
        on_sale_at=row.on_sale_at,
        state=PublicConcertState(row.public_state),
        venue=venue_of(row, locale),
        tour=tour_of(row),
        lineup=row.lineup,
        currency=currency,
        ticket_types=shown,
        tickets_elsewhere=links_of(row, on_sale=any(each.availability for each in shown)),
    )


def links_of(row: Row[Any], *, on_sale: bool) -> list[TicketLink]:
    """Where fans are sent for tickets while none are on sale here."""
    links = [] if on_sale or row.public_state not in TAKES_PLACE else row.tickets_elsewhere
    return msgspec.convert(links, list[TicketLink])


def venue_of(row: Row[Any], locale: str) -> VenueOut:
    """With the country in the reader's language, where it is one that we know."""
    venue = VenueOut(*venue_values(row))
    venue.country = country_as_typed(venue.country, locale)
    return venue


def tour_of(row: Row[Any]) -> TourNameOut | None:
    return TourNameOut(row.tour_slug, row.tour_title) if row.tour_slug else None


@cache
def _concert() -> Select[Any]:
    """Statements of hot reads are made once, because making one takes longer than running it."""
    columns = [CONCERTS.c[name] for name in ("id", "slug", "starts_at", "on_sale_at", "lineup", "tickets_elsewhere")]
    texts = [
        in_locale(CONCERTS.c[name], CONCERTS.c.translations, name).label(f"shown_{name}")
        for name in ("title", "description")
    ]
    found = select(*columns, PUBLIC_STATE, *texts, *PLACES, *TOUR_NAME).select_from(WITH_PLACE_AND_TOUR)
    return found.where(CONCERTS.c.slug == bindparam("slug"), ON_SHOW)


@cache
def _ticket_types() -> Select[Any]:
    terms = (OFFERS.c.id, OFFERS.c.sale_from, OFFERS.c.sale_until, OFFERS.c.max_per_order, OFFERS.c.entitlement)
    name = in_locale(TICKET_TYPES.c.name, OFFERS.c.translations, "name").label("shown_name")
    prices = (AMOUNT.label("amount"), MINIMUM.label("minimum"), MEMBER_AMOUNT.label("member_amount"))
    return (
        select(*terms, name, *prices, pieces_on_sale().label("pieces"), for_members())
        .join(TICKET_TYPES, TICKET_TYPES.c.offer_id == OFFERS.c.id)
        .outerjoin(PRICES, (PRICES.c.offer_id == OFFERS.c.id) & (PRICES.c.currency == bindparam("currency")))
        .where(TICKET_TYPES.c.concert_id == bindparam("concert_id"), OFFERS.c.active)
        .order_by(TICKET_TYPES.c.position, OFFERS.c.id)
    )


def _ticket_type(row: Row[Any], currency: str, locale: str) -> TicketTypeOut:
    seats = left(row.pieces)
    return TicketTypeOut(
        id=row.id,
        name=row.shown_name,
        price=row.amount,
        price_text=price_text(row.amount, currency, locale),
        minimum=row.minimum,
        sale_from=row.sale_from,
        sale_until=row.sale_until,
        max_per_order=row.max_per_order,
        availability=seats.availability,
        left=seats.left,
        entitlement=row.entitlement,
        for_members=row.for_members,
        member_price=row.member_amount,
        member_price_text=price_text(row.member_amount, currency, locale),
    )


async def list_tours(
    connection: AsyncConnection, *, locale: str, limit: int, after: str | None
) -> Page[TourSummaryOut]:
    """The newest first, with how many of their concerts are to come: one query."""
    last_values = {"after_id": typed_key(after, UUID)[0]} if after else {}
    values = {"locale": locale, "size": limit + 1, **last_values}
    rows = (await connection.execute(_tours(begins=not after), values)).all()
    items = [TourSummaryOut(row.slug, row.shown_title, row.upcoming) for row in rows[:limit]]
    return Page(items, cursor(str(rows[limit - 1].id)) if len(rows) > limit else None)


@cache
def _tours(*, begins: bool) -> Select[Any]:
    found = _tour_columns("title").order_by(TOURS.c.id.desc()).limit(bindparam("size"))
    return found if begins else found.where(TOURS.c.id < bindparam("after_id", type_=TOURS.c.id.type))


async def tour_by_slug(connection: AsyncConnection, slug: str, *, locale: str) -> TourOut:
    """One query; two more by a former slug. Raises NotFound."""
    row = (await connection.execute(_tour(), {"slug": slug, "locale": locale})).one_or_none()
    if row is None:
        return await tour_by_slug(connection, await present_slug(connection, TOURS, slug), locale=locale)
    return TourOut(row.slug, row.shown_title, row.upcoming, row.shown_description)


@cache
def _tour() -> Select[Any]:
    return _tour_columns("title", "description").where(TOURS.c.slug == bindparam("slug"))


def _tour_columns(*names: str) -> Select[Any]:
    upcoming = (
        select(func.count())
        .select_from(CONCERTS)
        .where(CONCERTS.c.tour_id == TOURS.c.id, CONCERTS.c.starts_at >= func.now(), ON_SHOW)
        .scalar_subquery()
        .label("upcoming")
    )
    texts = [in_locale(TOURS.c[name], TOURS.c.translations, name).label(f"shown_{name}") for name in names]
    return select(TOURS.c.id, TOURS.c.slug, *texts, upcoming).where(TOURS.c.archived_at.is_(None))
