"""Concerts over the API."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from apps.accounts.guards import CurrentUserDep, signed_in
from apps.concerts.listing.listing import ConcertQuery, Sort, When, list_concerts
from apps.concerts.listing.near import Near
from apps.concerts.repositories import concert_by_slug, list_tours, tour_by_slug
from apps.concerts.schemas import ConcertOut, ConcertSummaryOut, TourOut, TourSummaryOut
from apps.concerts.tickets.tickets import TicketOut, own_tickets
from apps.core.errors import FieldError, Invalid, NotFound
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.requests import CATALOGUE, PUBLIC, SECRET, AnyRequest, CurrencyQuery, Reads, locale_of
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import END, LINE, SENTENCE
from project.settings import settings

LATITUDE = r"-?(90(\.0{1,9})?|[0-8]?[0-9](\.[0-9]{1,9})?)"
LONGITUDE = r"-?(180(\.0{1,9})?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,9})?)"
WITHIN_KM = 100
NO_PLACE = _("Distances need a place: say which.")
WhenQuery = Annotated[When, QueryParameter(name="when")]
SortQuery = Annotated[Sort, QueryParameter(name="sort", description="`distance` goes with `near`.")]
NearQuery = Annotated[
    str | None,
    QueryParameter(
        name="near",
        description="Latitude and longitude in degrees.",
        max_length=40,
        pattern=rf"^({LATITUDE},{LONGITUDE})?{END}",
        schema_extra={SENTENCE: _("A place is its latitude and longitude in degrees: 53.55,9.99.")},
        required=False,
    ),
]
WithinQuery = Annotated[
    int | None,
    QueryParameter(name="within_km", description="Goes with `near`; 100 if not said.", ge=1, le=20_100, required=False),
]
NameQuery = Annotated[str | None, QueryParameter(max_length=120, pattern=LINE, required=False)]
SlugQuery = Annotated[str | None, QueryParameter(name="tour", description="Its slug.", max_length=200, required=False)]


class ConcertController(Controller):
    path = "/api/v1/concerts"
    tags = ["Concerts"]
    opt = PUBLIC
    cache_control = CATALOGUE

    @get("/", responses=problems(BadCursor))
    async def list(
        self,
        request: AnyRequest,
        reads: Reads,
        when: WhenQuery = When.upcoming,
        sort: SortQuery = Sort.start,
        near: NearQuery = None,
        within_km: WithinQuery = None,
        tour: SlugQuery = None,
        country: NameQuery = None,
        city: NameQuery = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[ConcertSummaryOut]:
        """Where the band plays: upcoming concerts soonest first, past ones latest first; or the nearest first."""
        place = _place(near, within_km, sort)
        query = ConcertQuery(
            when=when, sort=sort, tour=tour or None, country=country or None, city=city or None, near=place
        )
        return await list_concerts(reads, query, locale=locale_of(request), limit=limit, after=after)

    @get("/{slug:str}", responses=problems(NotFound))
    async def show(
        self, slug: FromPath[str], request: AnyRequest, reads: Reads, currency: CurrencyQuery = None
    ) -> ConcertOut:
        """One concert with its ticket types: what can be put into a cart."""
        locale = locale_of(request)
        return await concert_by_slug(reads, slug, currency=currency or settings.currency, locale=locale)


class TourController(Controller):
    path = "/api/v1/tours"
    tags = ["Concerts"]
    opt = PUBLIC
    cache_control = CATALOGUE

    @get("/", responses=problems(BadCursor))
    async def list(
        self, request: AnyRequest, reads: Reads, limit: PageSize = 20, after: After = None
    ) -> Page[TourSummaryOut]:
        """Tours, the newest first; their concerts are found by `/concerts?tour=`."""
        return await list_tours(reads, locale=locale_of(request), limit=limit, after=after)

    @get("/{slug:str}", responses=problems(NotFound))
    async def show(self, slug: FromPath[str], request: AnyRequest, reads: Reads) -> TourOut:
        """One tour."""
        return await tour_by_slug(reads, slug, locale=locale_of(request))


def _place(near: str | None, within_km: int | None, sort: Sort) -> Near | None:
    if near:
        latitude, longitude = map(float, near.split(","))
        return Near(latitude, longitude, within_km or WITHIN_KM)
    if within_km is not None or sort is Sort.distance:
        raise Invalid(errors=[FieldError("near", NO_PLACE)])
    return None


class OwnTicketController(Controller):
    path = "/api/v1/me/tickets"
    tags = ["Account"]
    guards = [signed_in]
    cache_control = SECRET

    @get("/", operation_id="listMyTickets")
    async def list(self, request: AnyRequest, reads: Reads, current_user: CurrentUserDep) -> list[TicketOut]:
        """Your tickets of concerts to come, with their codes, the next concert first; 200 at most."""
        return [*await own_tickets(reads, current_user.id, locale=locale_of(request))]
