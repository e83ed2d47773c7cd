"""Merch over the API."""

from litestar import Controller, get
from litestar.params import FromPath

from apps.core.pagination import After, Page, PageSize
from apps.core.requests import CurrencyQuery, Reads
from apps.shop.repositories import list_products, product_by_slug
from apps.shop.schemas import ProductOut, ProductSummaryOut
from project.settings import settings


class ProductController(Controller):
    path = "/api/v1/products"
    tags = ["Merch"]

    @get("/")
    async def list(
        self, reads: Reads, limit: PageSize = 20, after: After = None, currency: CurrencyQuery = None
    ) -> Page[ProductSummaryOut]:
        """What the band sells, by title."""
        return await list_products(reads, currency=currency or settings.currency, limit=limit, after=after)

    @get("/{slug:str}")
    async def show(self, slug: FromPath[str], reads: Reads, currency: CurrencyQuery = None) -> ProductOut:
        """One product with its variants: what can be put into a cart."""
        return await product_by_slug(reads, slug, currency=currency or settings.currency)
