"""Products on the front page, and their link in the head of every page."""

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.text.i18n import lazy as _
from apps.shop.listing.listing import ProductQuery, list_products
from apps.site.sections import Found, Link, Section
from project.settings import settings

MOST = 60


async def products(reads: AsyncConnection, locale: str) -> Found:
    return {"products": await list_products(reads, everything(locale), limit=MOST, after=None)}


def everything(locale: str) -> ProductQuery:
    return ProductQuery(currency=settings.currency, locale=locale)


LINKS = (Link(20, "/shop", _("Shop")),)
SECTIONS = (Section(rank=20, template="site/shop/_products.html", find=products),)
