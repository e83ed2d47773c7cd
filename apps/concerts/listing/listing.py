"""The list of concerts: upcoming or past, of a tour, in a country or city, near a place. One query a page.

A statement is made once for each shape of a question, because making one takes longer than running it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Double, Row, Select, String, bindparam, func, null, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.listing.near import Near, box_values, distance_km, in_box
from apps.concerts.repositories import (
    CONCERTS,
    ON_SHOW,
    PLACES,
    PUBLIC_STATE,
    TICKET_TYPES,
    TOUR_NAME,
    TOURS,
    VENUES,
    WITH_PLACE_AND_TOUR,
    links_of,
    tour_of,
    venue_of,
)
from apps.concerts.schemas import ConcertSummaryOut, PublicConcertState
from apps.core.http.pagination import Page, cursor, cursor_values, list_name
from apps.core.text.countries import names_of
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.translations import in_locale
from apps.orders.offers.availability import left, pieces_on_sale
from apps.orders.repositories import OFFERS


class When(StrEnum):
    """Those to come, or those that were."""

    upcoming = "upcoming"
    past = "past"


class Sort(StrEnum):
    """By `start`, upcoming ones soonest first, past ones latest first; by `distance` the nearest first."""

    start = "start"
    distance = "distance"


KEYS: dict[Sort, dict[str, Any]] = {
    Sort.start: {"starts_at": AwareDatetime, "id": UUID},
    Sort.distance: {"distance": float, "starts_at": AwareDatetime, "id": UUID},
}
"""What each order goes by, the last one telling equals apart."""


class ConcertQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `tour` is a slug; `city` is as venues have it, but for case and accents.

    `country` is a code, or a name in any language of the site.
    """

    when: When = When.upcoming
    sort: Sort = Sort.start
    tour: str | None = None
    country: str | None = None
    city: str | None = None
    near: Near | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement depends on; the rest are its parameters."""

    when: When
    sort: Sort
    begins: bool
    of_tour: bool
    in_country: bool
    in_city: bool
    is_near: bool

    @property
    def keys(self) -> Sequence[str]:
        return tuple(KEYS[self.sort])

    @property
    def is_backwards(self) -> bool:
        return self.when is When.past and self.sort is Sort.start


async def list_concerts(
    connection: AsyncConnection, query: ConcertQuery, *, locale: str, limit: int, after: str | None = None
) -> Page[ConcertSummaryOut]:
    """One query. `sort` by distance needs `near`. Raises BadCursor for a place in another list."""
    values = {"locale": locale, "size": limit + 1, **_values(query), **_place(query, after)}
    rows = (await connection.execute(_page(_shape(query, begins=not after)), values)).all()
    items = [_summary(row, locale) for row in rows[:limit]]
    return Page(items, _cursor(query, rows[limit - 1]) if len(rows) > limit else None)


def _values(query: ConcertQuery) -> dict[str, Any]:
    names = {"tour": query.tour, "countries": names_of(query.country or ""), "city": query.city}
    if query.near is None:
        return names
    return {**names, "within_km": query.near.within_km, **box_values(query.near)}


def _place(query: ConcertQuery, after: str | None) -> dict[str, Any]:
    if not after:
        return {}
    kinds = KEYS[query.sort]
    key = cursor_values(query, after, kinds.values())
    return {f"after_{each}": value for each, value in zip(kinds, key, strict=True)}


def _cursor(query: ConcertQuery, row: Row[Any]) -> str:
    distance = [repr(row.distance)] if query.sort is Sort.distance else []
    return cursor(list_name(query), *distance, row.starts_at.isoformat(), str(row.id))


def _shape(query: ConcertQuery, *, begins: bool) -> Shape:
    return Shape(
        when=query.when,
        sort=query.sort,
        begins=begins,
        of_tour=query.tour is not None,
        in_country=query.country is not None,
        in_city=query.city is not None,
        is_near=query.near is not None,
    )


@cache
def _page(shape: Shape) -> Select[Any]:
    """What is left is looked up for the concerts of the page only."""
    listed = _in_order(shape).limit(bindparam("size")).subquery("listed")
    seats = _seats(listed.c.id)
    keys = [listed.c[name] for name in shape.keys]
    return select(listed, seats.c.pieces).select_from(listed.join(seats, true())).order_by(*_order(shape, keys))


def _in_order(shape: Shape) -> Select[Any]:
    columns = (CONCERTS.c.id, CONCERTS.c.slug, CONCERTS.c.starts_at, PUBLIC_STATE, CONCERTS.c.tickets_elsewhere)
    title = in_locale(CONCERTS.c.title, CONCERTS.c.translations, "title").label("shown_title")
    distance = _distance() if shape.is_near else null()
    found = select(*columns, title, *PLACES, *TOUR_NAME, distance.label("distance")).select_from(WITH_PLACE_AND_TOUR)
    keys = [_distance() if name == "distance" else CONCERTS.c[name] for name in shape.keys]
    ordered = found.where(*_filters(shape)).order_by(*_order(shape, keys))
    if shape.begins:
        return ordered
    last_row = tuple_(*(bindparam(f"after_{name}", type_=key.type) for name, key in zip(shape.keys, keys, strict=True)))
    return ordered.where(tuple_(*keys) < last_row if shape.is_backwards else tuple_(*keys) > last_row)


def _order(shape: Shape, keys: Sequence[ColumnElement[Any]]) -> Sequence[ColumnElement[Any]]:
    return [key.desc() for key in keys] if shape.is_backwards else keys


def _distance() -> ColumnElement[float]:
    return distance_km(VENUES.c.latitude, VENUES.c.longitude)


def _seats(concert_id: ColumnElement[Any]) -> Any:
    """The most pieces that can be had of any ticket type; null when none is on sale."""
    pieces = func.max(pieces_on_sale()).label("pieces")
    offers = select(pieces).select_from(TICKET_TYPES).join(OFFERS, OFFERS.c.id == TICKET_TYPES.c.offer_id)
    return offers.where(TICKET_TYPES.c.concert_id == concert_id, OFFERS.c.active).lateral("seats")


def _filters(shape: Shape) -> list[ColumnElement[bool]]:
    is_upcoming = shape.when is When.upcoming
    starts_at = CONCERTS.c.starts_at
    filters = [ON_SHOW, starts_at >= func.now() if is_upcoming else starts_at < func.now()]
    if shape.of_tour:
        filters.append(TOURS.c.slug == bindparam("tour", type_=String))
    if shape.in_country:
        filters.append(_in_country())
    if shape.in_city:
        filters.append(_same(VENUES.c.city, "city"))
    if shape.is_near:
        filters += [in_box(VENUES.c.latitude, VENUES.c.longitude), _distance() <= bindparam("within_km", type_=Double)]
    return filters


def _in_country() -> ColumnElement[bool]:
    """By any of its names, in any language of the site."""
    names = func.unnest(bindparam("countries", type_=ARRAY(String))).column_valued("named")
    return func.fold(VENUES.c.country).in_(select(func.fold(names)))


def _same(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return func.fold(column) == func.fold(bindparam(name, type_=String))


def _summary(row: Row[Any], locale: str) -> ConcertSummaryOut:
    availability = left(row.pieces).availability
    return ConcertSummaryOut(
        id=row.id,
        slug=row.slug,
        title=row.shown_title,
        starts_at=row.starts_at,
        state=PublicConcertState(row.public_state),
        venue=venue_of(row, locale),
        tour=tour_of(row),
        availability=availability,
        distance_km=None if row.distance is None else round(row.distance, 1),
        tickets_elsewhere=links_of(row, on_sale=availability is not None),
    )
