"""Hot reads of the shop: Core selects straight to structs, a fixed number of queries a list."""

from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.errors import NotFound
from apps.core.pagination import BadCursor, Page, cursor, cursor_key
from apps.orders.availability import UNCOUNTED, Availability, left, pieces_left
from apps.orders.repositories import OFFERS, PRICES
from apps.shop.models import Product, ProductImage, Variant
from apps.shop.schemas import ImageOut, ProductOut, ProductSummaryOut, VariantOut

PRODUCTS = cast(Table, Product.__table__)
VARIANTS = cast(Table, Variant.__table__)
IMAGES = cast(Table, ProductImage.__table__)


async def list_products(
    connection: AsyncConnection, *, currency: str, limit: int, after: str | None
) -> Page[ProductSummaryOut]:
    """Published products by title, with the cheapest price and whether anything is left: one query."""
    place = _place(after) if after is not None else {}
    found = _page(begins=not place)
    rows = (await connection.execute(found, {"currency": currency, "size": limit + 1, **place})).all()
    items = [_summary(row, currency) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, cursor(items[-1].title, str(items[-1].id)) if more else None)


def _place(after: str) -> dict[str, Any]:
    title, id = cursor_key(after, 2)
    return {"after": title, "after_id": _uuid(id)}


@cache
def _page(*, begins: bool) -> Select[Any]:
    """Statements of hot reads are made once, because making one takes longer than running it."""
    found = _summaries().order_by(PRODUCTS.c.title, PRODUCTS.c.id).limit(bindparam("size"))
    if begins:
        return found
    after = tuple_(bindparam("after", type_=PRODUCTS.c.title.type), bindparam("after_id", type_=PRODUCTS.c.id.type))
    return found.where(tuple_(PRODUCTS.c.title, PRODUCTS.c.id) > after)


def _summaries() -> Select[Any]:
    offers = (
        select(
            func.min(PRICES.c.amount).label("price"),
            func.max(func.coalesce(pieces_left(VARIANTS.c.offer_id), UNCOUNTED)).label("pieces"),
        )
        .select_from(VARIANTS)
        .join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id)
        .outerjoin(PRICES, (PRICES.c.offer_id == VARIANTS.c.offer_id) & (PRICES.c.currency == bindparam("currency")))
        .where(VARIANTS.c.product_id == PRODUCTS.c.id, OFFERS.c.active)
        .lateral("offers")
    )
    image = (
        select(IMAGES.c.source_url, IMAGES.c.alt)
        .where(IMAGES.c.product_id == PRODUCTS.c.id)
        .order_by(IMAGES.c.position)
        .limit(1)
        .lateral("image")
    )
    columns = (PRODUCTS.c.id, PRODUCTS.c.slug, PRODUCTS.c.title, PRODUCTS.c.category)
    return (
        select(*columns, offers.c.price, offers.c.pieces, image.c.source_url, image.c.alt)
        .select_from(PRODUCTS.join(offers, true()).outerjoin(image, true()))
        .where(PRODUCTS.c.published)
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadCursor from None


def _summary(row: Row[Any], currency: str) -> ProductSummaryOut:
    image = ImageOut(row.source_url, row.alt) if row.source_url else None
    state = left(row.pieces).availability if row.pieces is not None else Availability.sold_out
    return ProductSummaryOut(row.id, row.slug, row.title, row.category, currency, row.price, state, image)


async def product_by_slug(connection: AsyncConnection, slug: str, *, currency: str) -> ProductOut:
    """Three queries: the product, its variants, its pictures."""
    product = (await connection.execute(_product(), {"slug": slug})).one_or_none()
    if product is None:
        raise NotFound
    variants = await connection.execute(_variants(), {"product_id": product.id, "currency": currency})
    images = await connection.execute(_images(), {"product_id": product.id})
    return ProductOut(
        id=product.id,
        slug=product.slug,
        title=product.title,
        description=product.description,
        vendor=product.vendor,
        category=product.category,
        tags=product.tags,
        option_names=product.option_names,
        currency=currency,
        variants=[_variant(row) for row in variants],
        images=[ImageOut(row.source_url, row.alt) for row in images],
    )


@cache
def _product() -> Select[Any]:
    return select(PRODUCTS).where(PRODUCTS.c.slug == bindparam("slug"), PRODUCTS.c.published)


@cache
def _variants() -> Select[Any]:
    prices = (PRICES.c.amount, PRICES.c.compare_at, PRICES.c.minimum)
    return (
        select(OFFERS.c.id, VARIANTS.c.options, VARIANTS.c.sku, *prices, pieces_left(OFFERS.c.id).label("pieces"))
        .select_from(OFFERS)
        .join(VARIANTS, VARIANTS.c.offer_id == OFFERS.c.id)
        .outerjoin(PRICES, (PRICES.c.offer_id == OFFERS.c.id) & (PRICES.c.currency == bindparam("currency")))
        .where(VARIANTS.c.product_id == bindparam("product_id"), OFFERS.c.active)
        .order_by(VARIANTS.c.position, OFFERS.c.id)
    )


@cache
def _images() -> Select[Any]:
    found = select(IMAGES.c.source_url, IMAGES.c.alt).where(IMAGES.c.product_id == bindparam("product_id"))
    return found.order_by(IMAGES.c.position)


def _variant(row: Row[Any]) -> VariantOut:
    state = left(row.pieces)
    return VariantOut(
        row.id, row.options, row.sku, row.amount, row.compare_at, row.minimum, state.availability, state.left
    )
