"""What there is: the front page, all concerts, the whole shop; and what search engines ask for."""

from typing import Annotated

from litestar import Controller, Response, get
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.concerts.listing.listing import ConcertQuery, When, list_concerts
from apps.core.http.pagination import After
from apps.core.http.requests import PUBLIC, AnyRequest, Reads, locale_of
from apps.shop.listing.listing import ProductQuery, list_products
from apps.site.repositories import ticket_prices
from apps.site.visit import SiteController, site_page
from project.settings import settings

CONCERTS, PRODUCTS, PAST = 60, 60, 6  # on the front page
PAGE = 48
WhenAsked = Annotated[When, QueryParameter(name="when")]


class HomeController(SiteController):
    path = "/"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads) -> Response[str]:
        locale = locale_of(request)
        concerts = await list_concerts(reads, ConcertQuery(), locale=locale, limit=CONCERTS)
        prices = await ticket_prices(reads, [each.id for each in concerts.items], currency=settings.currency)
        past = await list_concerts(reads, ConcertQuery(when=When.past), locale=locale, limit=PAST)
        products = await list_products(reads, _everything(locale), limit=PRODUCTS, after=None)
        words = {"concerts": concerts, "prices": prices, "past": past, "products": products}
        return await site_page(request, reads, "site/home.html", **words)


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
        return await site_page(request, reads, "site/concerts.html", **words)


class ProductListController(SiteController):
    path = "/shop"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads, after: After = None) -> Response[str]:
        products = await list_products(reads, _everything(locale_of(request)), limit=PAGE, after=after)
        return await site_page(request, reads, "site/shop.html", products=products, after=after)


def _everything(locale: str) -> ProductQuery:
    return ProductQuery(currency=settings.currency, locale=locale)


class BrowserController(Controller):
    """What browsers and search engines ask for by themselves."""

    include_in_schema = False
    opt = PUBLIC

    @get("/robots.txt", media_type="text/plain", sync_to_thread=False)
    def robots(self) -> str:
        hidden = "".join(f"Disallow: {path}\n" for path in ("/cart", "/checkout", "/orders/", "/demo/", "/api/"))
        return f"User-agent: *\n{hidden}"

    @get("/favicon.ico", sync_to_thread=False)
    def favicon(self) -> Redirect:
        return Redirect("/static/site/favicon.svg", status_code=301)
