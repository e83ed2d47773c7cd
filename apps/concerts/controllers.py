"""Concerts over the API."""

from litestar import Controller, get
from litestar.params import FromPath, FromQuery

from apps.concerts.repositories import When, concert_by_slug, list_concerts
from apps.concerts.schemas import ConcertOut, ConcertSummaryOut
from apps.core.pagination import After, Page, PageSize
from apps.core.requests import CurrencyQuery, Reads
from project.settings import settings


class ConcertController(Controller):
    path = "/api/v1/concerts"
    tags = ["Concerts"]

    @get("/")
    async def list(
        self, reads: Reads, when: FromQuery[When] = When.upcoming, limit: PageSize = 20, after: After = None
    ) -> Page[ConcertSummaryOut]:
        """Where the band plays: upcoming concerts soonest first, past ones latest first."""
        return await list_concerts(reads, when=when, limit=limit, after=after)

    @get("/{slug:str}")
    async def show(self, slug: FromPath[str], reads: Reads, currency: CurrencyQuery = None) -> ConcertOut:
        """One concert with its ticket types: what can be put into a cart."""
        return await concert_by_slug(reads, slug, currency=currency or settings.currency)
