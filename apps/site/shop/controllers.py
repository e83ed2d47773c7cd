"""The whole shop, and the page of a product, where it is put into the cart."""

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.limits import CART_CHANGES
from apps.core.errors import AppError
from apps.core.http.pagination import After
from apps.core.http.requests import AnyRequest, Db, Reads, locale_of
from apps.shop.listing.listing import list_products
from apps.shop.repositories import product_by_slug
from apps.site.cart.cart_forms import add_from_page, max_quantity
from apps.site.pages import PAGE, SiteController, moved, refused, site_page
from apps.site.pictures import is_own
from apps.site.shop.price_tag import price_tag
from apps.site.shop.sections import everything
from project.settings import settings


class ProductListController(SiteController):
    path = "/shop"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads, after: After = None) -> Response[str]:
        products = await list_products(reads, everything(locale_of(request)), limit=PAGE, after=after)
        return await site_page(request, reads, "site/shop/shop.html", products=products, after=after)


class ProductPageController(SiteController):
    path = "/shop/{slug:str}"

    @get("/")
    async def show(self, slug: FromPath[str], request: AnyRequest, reads: Reads) -> Response[str] | Response[None]:
        return await _product(request, reads, slug)

    @post("/", limit=CART_CHANGES)
    async def add(self, slug: FromPath[str], request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        return await add_from_page(request, db, lambda reads, refusal: _product(request, reads, slug, refusal))


async def _product(
    request: AnyRequest, reads: AsyncConnection, slug: str, refusal: AppError | None = None
) -> Response[str] | Response[None]:
    product = await product_by_slug(reads, slug, currency=settings.currency, locale=locale_of(request))
    if product.slug != slug and refusal is None:
        return moved(request, f"/shop/{product.slug}")
    pictures = [each for each in product.images if is_own(each.url)]
    words = {"product": product, "pictures": pictures, "tag": price_tag(product.variants), "max_quantity": max_quantity}
    return await site_page(request, reads, "site/shop/product.html", **words, **await refused(request, refusal))
