"""Tables, locks and hot reads of the shop: Core selects straight to structs, a fixed number of queries each."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.repositories import LockingRepository
from apps.core.http.pagination import Page, cursor, typed_key
from apps.core.money import price_text
from apps.core.text.html import with_paragraphs
from apps.core.text.slugs import present_slug
from apps.core.text.translations import in_locale, object_in_locale
from apps.orders.offers.availability import for_members, left, pieces_on_sale
from apps.orders.prices import AMOUNT, COMPARE_AT, MEMBER_AMOUNT, MINIMUM, PRICES
from apps.orders.repositories import OFFERS
from apps.shop.models import Category, Product, ProductImage, ProductPrice, ProductWord, Variant, called
from apps.shop.schemas import CategoryNameOut, CategoryOut, ImageOut, ProductOut, VariantOut

CATEGORIES = Category.table()
PRODUCTS = Product.table()
PRODUCT_PRICES = ProductPrice.table()
PRODUCT_WORDS = ProductWord.table()
VARIANTS = Variant.table()
IMAGES = ProductImage.table()
IS_PUBLISHED = and_(PRODUCTS.c.published, PRODUCTS.c.archived_at.is_(None))
"""As the indexes of the lists have it."""
CATEGORY_TITLE = in_locale(CATEGORIES.c.title, CATEGORIES.c.translations, "title")


class CategoryRepository(LockingRepository[Category]):
    model_type = Category


class ProductRepository(LockingRepository[Product]):
    model_type = Product


class VariantRepository(LockingRepository[Variant]):
    model_type = Variant


def category_of(category_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The join to the category of a product; there is none when it is archived."""
    return and_(CATEGORIES.c.id == category_id, CATEGORIES.c.archived_at.is_(None))


async def list_categories(
    connection: AsyncConnection, *, locale: str, limit: int, after: str | None
) -> Page[CategoryOut]:
    """In the order that staff gave them, with how many published products each has: one query."""
    last_values = dict(zip(("position", "id"), typed_key(after, int, UUID), strict=True)) if after else {}
    values = {"locale": locale, "size": limit + 1, **last_values}
    rows = (await connection.execute(_categories(begins=not after), values)).all()
    items = [CategoryOut(row.slug, row.title, row.products) for row in rows[:limit]]
    return Page(items, cursor(str(rows[limit - 1].position), str(rows[limit - 1].id)) if len(rows) > limit else None)


@cache
def _categories(*, begins: bool) -> Select[Any]:
    products = (
        select(func.count().label("products"))
        .select_from(PRODUCTS)
        .where(PRODUCTS.c.category_id == CATEGORIES.c.id, IS_PUBLISHED)
        .lateral("published")
    )
    order = (CATEGORIES.c.position, CATEGORIES.c.id)
    found = (
        select(*order, CATEGORIES.c.slug, CATEGORY_TITLE.label("title"), products.c.products)
        .join(products, true())
        .where(CATEGORIES.c.archived_at.is_(None))
        .order_by(*order)
        .limit(bindparam("size"))
    )
    return found if begins else found.where(tuple_(*order) > tuple_(*(bindparam(c.name, type_=c.type) for c in order)))


def has_tag(tags: ColumnElement[Any], tag: ColumnElement[str]) -> ColumnElement[bool]:
    """As an index of tags finds it."""
    return tags.op("@>", is_comparison=True)(func.jsonb_build_array(tag))


async def product_by_slug(connection: AsyncConnection, slug: str, *, currency: str, locale: str) -> ProductOut:
    """Three queries: the product, its variants, its pictures; two more by a former slug. Raises NotFound."""
    product = (await connection.execute(_product(), {"slug": slug, "locale": locale})).one_or_none()
    if product is None:
        present = await present_slug(connection, PRODUCTS, slug)
        return await product_by_slug(connection, present, currency=currency, locale=locale)
    variants = await connection.execute(_variants(), {"product_id": product.id, "currency": currency})
    texts = product.option_texts
    images = await connection.execute(_images(), {"product_id": product.id})
    return ProductOut(
        id=product.id,
        slug=product.slug,
        title=product.shown_title,
        description=with_paragraphs(product.shown_description),
        vendor=product.vendor,
        category=category_name(product),
        tags=product.tags,
        option_names=called(product.option_names, texts),
        currency=currency,
        variants=[_variant(row, texts, currency, locale) for row in variants],
        images=[ImageOut(row.source_url, row.alt) for row in images],
    )


@cache
def _product() -> Select[Any]:
    """Statements of hot reads are made once, because making one takes longer than running it."""
    columns = [PRODUCTS.c[name] for name in ("id", "slug", "vendor", "tags", "option_names")]
    texts = [
        in_locale(PRODUCTS.c[name], PRODUCTS.c.translations, name).label(f"shown_{name}")
        for name in ("title", "description")
    ]
    texts.append(object_in_locale(PRODUCTS.c.translations, "options").label("option_texts"))
    return (
        select(*columns, *texts, CATEGORIES.c.slug.label("category_slug"), CATEGORY_TITLE.label("category_title"))
        .select_from(PRODUCTS.outerjoin(CATEGORIES, category_of(PRODUCTS.c.category_id)))
        .where(PRODUCTS.c.slug == bindparam("slug"), IS_PUBLISHED)
    )


def category_name(row: Row[Any]) -> CategoryNameOut | None:
    return CategoryNameOut(row.category_slug, row.category_title) if row.category_slug else None


@cache
def _variants() -> Select[Any]:
    prices = (
        AMOUNT.label("amount"),
        COMPARE_AT.label("compare_at"),
        MINIMUM.label("minimum"),
        MEMBER_AMOUNT.label("member_amount"),
    )
    offer = (OFFERS.c.id, VARIANTS.c.options, VARIANTS.c.sku)
    terms = (OFFERS.c.max_per_order, OFFERS.c.sale_from, OFFERS.c.entitlement, for_members())
    return (
        select(*offer, *terms, *prices, pieces_on_sale().label("pieces"))
        .select_from(OFFERS)
        .join(VARIANTS, VARIANTS.c.offer_id == OFFERS.c.id)
        .outerjoin(PRICES, (PRICES.c.offer_id == OFFERS.c.id) & (PRICES.c.currency == bindparam("currency")))
        .where(VARIANTS.c.product_id == bindparam("product_id"), OFFERS.c.active)
        .order_by(VARIANTS.c.position, OFFERS.c.id)
    )


@cache
def _images() -> Select[Any]:
    found = select(IMAGES.c.source_url, IMAGES.c.alt).where(IMAGES.c.product_id == bindparam("product_id"))
    return found.order_by(IMAGES.c.position, IMAGES.c.id)


def _variant(row: Row[Any], texts: Mapping[str, str] | None, currency: str, locale: str) -> VariantOut:
    state = left(row.pieces)
    return VariantOut(
        id=row.id,
        options=called(row.options, texts),
        sku=row.sku,
        price=row.amount,
        price_text=price_text(row.amount, currency, locale),
        compare_at=row.compare_at,
        compare_at_text=price_text(row.compare_at, currency, locale),
        minimum=row.minimum,
        max_per_order=row.max_per_order,
        availability=state.availability,
        left=state.left,
        sale_from=row.sale_from,
        entitlement=row.entitlement,
        for_members=row.for_members,
        member_price=row.member_amount,
        member_price_text=price_text(row.member_amount, currency, locale),
    )
