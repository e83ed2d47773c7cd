"""All concerts, and the page of one, where its tickets are put into the cart."""

from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.limits import CART_CHANGES
from apps.concerts.listing.listing import ConcertQuery, When, list_concerts
from apps.concerts.repositories import concert_by_slug
from apps.concerts.schemas import PublicConcertState
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.http.pagination import After
from apps.core.http.requests import AnyRequest, Db, Reads, locale_of
from apps.site.cart.cart_forms import add_from_page, max_quantity
from apps.site.concerts.repositories import ticket_prices
from apps.site.pages import PAGE, SiteController, moved, refused, site_page
from project.settings import settings

WhenAsked = Annotated[When, QueryParameter(name="when")]


class ConcertListController(SiteController):
    path = "/concerts"

    @get("/")
    async def show(
        self, request: AnyRequest, reads: Reads, when: WhenAsked = When.upcoming, after: After = None
    ) -> Response[str]:
        """Those to come, the soonest first; with `?when=past` those that were, the latest first."""
        concerts = await list_concerts(
            reads, ConcertQuery(when=when), locale=locale_of(request), limit=PAGE, after=after
        )
        prices = await ticket_prices(reads, [each.id for each in concerts.items], currency=settings.currency)
        words = {"concerts": concerts, "prices": prices, "is_past": when is When.past, "after": after}
        return await site_page(request, reads, "site/concerts/concerts.html", **words)


class ConcertPageController(SiteController):
    path = "/concerts/{slug:str}"

    @get("/")
    async def show(self, slug: FromPath[str], request: AnyRequest, reads: Reads) -> Response[str] | Response[None]:
        return await _concert(request, reads, slug)

    @post("/", limit=CART_CHANGES)
    async def add(self, slug: FromPath[str], request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        return await add_from_page(request, db, lambda reads, refusal: _concert(request, reads, slug, refusal))


async def _concert(
    request: AnyRequest, reads: AsyncConnection, slug: str, refusal: AppError | None = None
) -> Response[str] | Response[None]:
    concert = await concert_by_slug(reads, slug, currency=settings.currency, locale=locale_of(request))
    if concert.slug != slug and refusal is None:
        return moved(request, f"/concerts/{concert.slug}")
    sells = concert.state is PublicConcertState.on_sale
    words = {"concert": concert, "at": await now(reads), "sells": sells, "max_quantity": max_quantity}
    return await site_page(request, reads, "site/concerts/concert.html", **words, **await refused(request, refusal))
