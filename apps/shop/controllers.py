"""Merch over the API."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from apps.core.errors import NotFound
from apps.core.http.filters import IdsQuery, ids_in
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.rate_limits import TooManyRequests, limited
from apps.core.http.requests import CATALOGUE, PUBLIC, AnyRequest, CurrencyQuery, Reads, locale_of
from apps.core.text.string_types import LINE
from apps.shop.listing.listing import ProductQuery, list_products
from apps.shop.listing.statements import Sort
from apps.shop.repositories import list_categories, product_by_slug
from apps.shop.schemas import CategoryOut, ProductOut, ProductSummaryPageOut
from project.settings import settings

SearchText = Annotated[
    str | None,
    QueryParameter(
        name="q",
        max_length=100,
        pattern=LINE,
        description="Words of the title, tags or vendor, in any language. Typing errors are forgiven.",
        required=False,
    ),
]
CategorySlug = Annotated[str | None, QueryParameter(name="category", max_length=200, required=False)]
TagQuery = Annotated[
    str | None, QueryParameter(name="tag", max_length=255, required=False, description="Only those with this tag.")
]
VendorQuery = Annotated[
    str | None, QueryParameter(name="vendor", max_length=255, required=False, description="Only those of this vendor.")
]
LeastPrice = Annotated[int | None, QueryParameter(name="price_min", ge=0, le=2**53, required=False)]
MostPrice = Annotated[int | None, QueryParameter(name="price_max", ge=0, le=2**53, required=False)]
InStock = Annotated[
    bool, QueryParameter(name="in_stock", description="true leaves out what cannot be had at the moment.")
]
SortQuery = Annotated[
    Sort | None,
    QueryParameter(
        name="sort",
        description="Without it: by relevance with `q`, by price with a price bound, else by title.",
        required=False,
    ),
]


SEARCHES = limited("search", 120, per=timedelta(minutes=1))
"""Looking for words costs more than looking around."""


class ProductController(Controller):
    path = "/api/v1/products"
    tags = ["Merch"]
    cache_control = CATALOGUE
    opt = PUBLIC

    @get("/", responses=problems(BadCursor, TooManyRequests))
    async def list(
        self,
        request: AnyRequest,
        reads: Reads,
        q: SearchText = None,
        category: CategorySlug = None,
        price_min: LeastPrice = None,
        price_max: MostPrice = None,
        in_stock: InStock = False,
        tag: TagQuery = None,
        vendor: VendorQuery = None,
        ids: IdsQuery = None,
        sort: SortQuery = None,
        limit: PageSize = 20,
        after: After = None,
        currency: CurrencyQuery = None,
    ) -> ProductSummaryPageOut:
        """What the band sells. A product without a price in `currency` has no place in an order by price.

        A page can be shorter than `limit`, even empty, where few products fit the filters: go on while there is `next`.
        A search looks at some 300 of the products that have its words; where there are more, `truncated` says so.
        """
        if q:
            await SEARCHES.count(request)
        query = ProductQuery(
            currency=currency or settings.currency,
            locale=locale_of(request),
            q=(q or "").strip(),
            category=category or None,
            price_min=price_min,
            price_max=price_max,
            in_stock=in_stock,
            tag=tag or None,
            vendor=vendor or None,
            ids=ids_in(ids),
            sort=sort,
        )
        return await list_products(reads, query, limit=limit, after=after)

    @get("/{slug:str}", responses=problems(NotFound))
    async def show(
        self, slug: FromPath[str], request: AnyRequest, reads: Reads, currency: CurrencyQuery = None
    ) -> ProductOut:
        """One product with its variants: what can be put into a cart."""
        return await product_by_slug(reads, slug, currency=currency or settings.currency, locale=locale_of(request))


class CategoryController(Controller):
    path = "/api/v1/categories"
    tags = ["Merch"]
    cache_control = CATALOGUE
    opt = PUBLIC

    @get("/", responses=problems(BadCursor))
    async def list(
        self, request: AnyRequest, reads: Reads, limit: PageSize = 100, after: After = None
    ) -> Page[CategoryOut]:
        """The shelves of the shop, in the band's order, with how many products are on each."""
        return await list_categories(reads, locale=locale_of(request), limit=limit, after=after)
