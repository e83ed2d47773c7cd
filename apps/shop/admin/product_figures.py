"""What lists and pages show of products besides their own columns: pictures, prices and what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import NOTHING
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.core.db.bulk import among
from apps.core.money import format_money
from apps.core.text.i18n import lazy as _
from apps.inventory.services import POOLS
from apps.media.urls import thumbnail
from apps.orders.admin.prices import WITH_BEFORE
from apps.orders.offers.availability import UNCOUNTED
from apps.orders.prices import AMOUNT, COMPARE_AT, PRICES
from apps.orders.repositories import ALLOCATIONS, OFFERS
from apps.shop.models import Product
from apps.shop.repositories import IMAGES, VARIANTS
from project.settings import settings

STATES = {
    "published": _("Published"),
    "planned": _("Planned"),
    "draft": _("Draft"),
    "archived": _("Archived"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """The cheapest and the dearest of a product's variants, in the currency of the site."""

    low: int
    high: int

    def text(self, locale: str) -> str:
        texts = [format_money(amount, settings.currency, locale=locale) for amount in (self.low, self.high)]
        return texts[0] if self.low == self.high else " – ".join(texts)


@dataclass(frozen=True, slots=True)
class Prices:
    """`before`: what they cost before, where all of them have a price before."""

    now: Span
    before: Span | None


def state_of(product: Product) -> str:
    if product.archived_at is not None:
        return "archived"
    if product.published:
        return "published"
    return "planned" if product.publish_at else "draft"


async def add_figures(session: AsyncSession, products: Sequence[Any]) -> None:
    """`state`, `price`, `left` and `picture`: three statements for all."""
    ids = [product.id for product in products]
    prices, left = await _prices(session, ids), await _left(session, ids)
    pictures = await _pictures(session, ids)
    for product in products:
        product.state, product.picture = state_of(product), pictures.get(product.id, "")
        product.price, product.left = prices.get(product.id), left.get(product.id)


async def _prices(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Prices]:
    amount, before = AMOUNT, COMPARE_AT
    all_had_one = func.count(before) == func.count()
    ends_before = [case((all_had_one, end)) for end in (func.min(before), func.max(before))]
    found = _priced(VARIANTS.c.product_id, func.min(amount), func.max(amount), *ends_before)
    rows = await session.execute(found.where(among(VARIANTS.c.product_id, ids)))
    return {id: Prices(Span(low, high), Span(*then) if any(then) else None) for id, low, high, *then in rows}


async def _left(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    found = _counted(among(VARIANTS.c.product_id, ids))
    return dict((await session.execute(found)).tuples().all())


def _priced(*columns: Any) -> Select[Any]:
    """By product, of what its variants in use cost in the currency of the site."""
    found = select(*columns).join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id)
    found = found.join(PRICES, PRICES.c.offer_id == OFFERS.c.id)
    in_use = found.where(OFFERS.c.archived_at.is_(None), PRICES.c.currency == settings.currency)
    return in_use.group_by(VARIANTS.c.product_id)


def _counted(*where: ColumnElement[bool]) -> Select[Any]:
    """Units in the pools of its variants, each pool once; nothing for what is not counted."""
    pools = (
        select(VARIANTS.c.product_id, POOLS.c.id, (POOLS.c.capacity - POOLS.c.reserved).label("left"))
        .join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id)
        .join(ALLOCATIONS, ALLOCATIONS.c.offer_id == OFFERS.c.id)
        .join(POOLS, POOLS.c.id == ALLOCATIONS.c.pool_id)
        .where(*where, OFFERS.c.archived_at.is_(None))
        .distinct()
        .subquery()
    )
    return select(pools.c.product_id, func.sum(pools.c.left).label("left")).group_by(pools.c.product_id)


LOWEST = _priced(VARIANTS.c.product_id, func.min(AMOUNT).label("amount")).subquery("lowest")
LEFT = _counted().subquery("left_of")
BY_PRICE = Sort(func.coalesce(LOWEST.c.amount, -1), int, beside=(LOWEST, LOWEST.c.product_id == Product.id))
BY_LEFT = Sort(func.coalesce(LEFT.c.left, UNCOUNTED), int, beside=(LEFT, LEFT.c.product_id == Product.id))
BY_STATE = Sort(case((Product.published, 0), (Product.publish_at.is_not(None), 1), else_=2), int)


async def _pictures(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The first of each."""
    first = (IMAGES.c.product_id, IMAGES.c.position, IMAGES.c.id)
    found = select(IMAGES.c.product_id, IMAGES.c.source_url).where(among(IMAGES.c.product_id, ids))
    return dict((await session.execute(found.distinct(IMAGES.c.product_id).order_by(*first))).tuples().all())


def title_with_picture(row: Any, name: str, request: Request) -> Any:
    """Where there is none its room stays."""
    if not row.picture:
        return Markup('<span class="pictured"><span class="thumb"></span><span>{}</span></span>').format(row.title)
    return Markup(
        '<span class="pictured"><img class="thumb" src="{}" alt="" loading="lazy"><span>{}</span></span>'
    ).format(thumbnail(row.picture), row.title)


def price_span(row: Any, name: str, request: Request) -> Any:
    prices, locale = row.price, locale_of(request)
    if prices is None:
        return NOTHING
    price = prices.now.text(locale)
    if prices.before is None:
        return price
    return WITH_BEFORE.in_locale(locale).format(price=price, before=prices.before.text(locale))


def own_page(row: Any, name: str, request: Request) -> Any:
    """Where fans see it."""
    if row.state != "published":
        return row.slug
    return Markup('<a href="/shop/{0}">{0}</a>').format(row.slug)
