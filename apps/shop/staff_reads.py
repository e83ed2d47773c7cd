"""Merch as staff see it: single things from their rows, lists by one query each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, String, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import subqueryload

from apps.core.db.archive import ArchiveFilter
from apps.core.db.bulk import among
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page
from apps.core.text.datetimes import Moment
from apps.core.text.search import anywhere, contain
from apps.orders.offers.terms import terms_of
from apps.orders.repositories import OFFERS
from apps.shop.models import Product, Variant
from apps.shop.repositories import CATEGORIES, PRODUCTS, VARIANTS, ProductRepository, VariantRepository, has_tag
from apps.shop.staff_schemas import (
    CategoryStaffOut,
    ImageIn,
    ProductListedOut,
    ProductStaffOut,
    ProductTexts,
    TitleTexts,
    VariantStaffOut,
)

CATEGORIES_IN_ORDER = Keyset((CATEGORIES.c.position, CATEGORIES.c.id), (int, UUID))
NEWEST_PRODUCTS = Keyset((PRODUCTS.c.id,), (UUID,), is_descending=True)
CHANGED_PRODUCTS = Keyset((PRODUCTS.c.updated_at, PRODUCTS.c.id), (Moment, UUID))
LISTED = ("id", "title", "slug", "published", "created_at", "updated_at", "archived_at")


class CategoryStaffQuery(Struct, frozen=True, kw_only=True):
    q: str
    archive_filter: ArchiveFilter


class ProductStaffQuery(Struct, frozen=True, kw_only=True):
    q: str
    category: UUID | None
    published: bool | None
    vendor: str | None = None
    tag: str | None = None
    ids: Sequence[UUID] | None = None
    updated_after: datetime | None = None
    archive_filter: ArchiveFilter


def category_out(category: Any) -> CategoryStaffOut:
    """From a row or the model."""
    return CategoryStaffOut(
        id=category.id,
        title=category.title,
        slug=category.slug,
        position=category.position,
        translations=msgspec.convert(category.translations, dict[str, TitleTexts]),
        archived_at=category.archived_at,
    )


async def list_categories(
    connection: AsyncConnection, query: CategoryStaffQuery, *, limit: int, after: str | None
) -> Page[CategoryStaffOut]:
    """In their order; `q` is part of the title or the slug."""
    found = query.archive_filter.of(select(CATEGORIES), CATEGORIES.c.archived_at)
    found = found.where(contain(query.q, CATEGORIES.c.title, CATEGORIES.c.slug)) if query.q else found
    return await page_by_key(
        connection, found, CATEGORIES_IN_ORDER, category_out, query=query, limit=limit, after=after
    )


async def find_product(session: AsyncSession, id: UUID) -> ProductStaffOut:
    """Raises NotFound."""
    product = await ProductRepository(session=session).find(id)
    await session.refresh(product, ["images"])
    return product_out(product)


async def lock_product(session: AsyncSession, id: UUID) -> Product:
    """With its images. Raises NotFound."""
    product = await ProductRepository(session=session).find_locked(id)
    await session.refresh(product, ["images"])
    return product


def product_out(product: Product) -> ProductStaffOut:
    """It was loaded with its images."""
    return ProductStaffOut(
        id=product.id,
        title=product.title,
        slug=product.slug,
        description=product.description,
        vendor=product.vendor,
        category=product.category_id,
        tags=product.tags,
        option_names=product.option_names,
        published=product.published,
        publish_at=product.publish_at,
        images=[ImageIn(image.source_url, image.alt) for image in product.images],
        translations=msgspec.convert(product.translations, dict[str, ProductTexts]),
        created_at=product.created_at,
        archived_at=product.archived_at,
    )


async def list_products(
    connection: AsyncConnection, query: ProductStaffQuery, *, limit: int, after: str | None
) -> Page[ProductListedOut]:
    """The newest first, or as they were changed; `q` is part of a title, the vendor or a tag."""
    variants = (
        select(func.count())
        .select_from(VARIANTS.join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id))
        .where(VARIANTS.c.product_id == PRODUCTS.c.id, OFFERS.c.archived_at.is_(None))
        .scalar_subquery()
    )
    columns = [PRODUCTS.c[name] for name in LISTED]
    found = select(*columns, PRODUCTS.c.category_id.label("category"), variants.label("variants"))
    listed = query.archive_filter.of(found.where(*_asked(query)), PRODUCTS.c.archived_at)
    keyset = NEWEST_PRODUCTS if query.updated_after is None else CHANGED_PRODUCTS
    return await page_by_key(connection, listed, keyset, _listed, query=query, limit=limit, after=after)


def _asked(query: ProductStaffQuery) -> Iterator[ColumnElement[bool]]:
    same = (("category_id", query.category), ("published", query.published), ("vendor", query.vendor))
    yield from (PRODUCTS.c[name] == value for name, value in same if value is not None)
    if query.tag:
        yield has_tag(PRODUCTS.c.tags, literal(query.tag, String))
    if query.ids is not None:
        yield among(PRODUCTS.c.id, query.ids)
    if query.updated_after:
        yield PRODUCTS.c.updated_at > query.updated_after
    if query.q:
        yield PRODUCTS.c.search.like(func.fold(anywhere(query.q)))


def _listed(row: Row[Any]) -> ProductListedOut:
    return ProductListedOut(**{name: getattr(row, name) for name in ProductListedOut.__struct_fields__})


async def find_variant(session: AsyncSession, id: UUID) -> VariantStaffOut:
    """Raises NotFound."""
    variant = await VariantRepository(session=session).find(id)
    await session.refresh(variant, ["prices", "recipe"])
    return variant_out(variant)


def variant_out(variant: Variant) -> VariantStaffOut:
    """It was loaded with its prices and recipe."""
    shown = {"product": variant.product_id, **terms_of(variant)}
    rest = {name: getattr(variant, name) for name in VariantStaffOut.__struct_fields__ if name not in shown}
    return msgspec.convert(shown | rest, VariantStaffOut)


async def list_variants(
    session: AsyncSession, product_id: UUID, archive_filter: ArchiveFilter
) -> list[VariantStaffOut]:
    """Of one product, in their order: three queries."""
    return [variant_out(each) for each in await variants_of(session, product_id, archive_filter)]


async def variants_of(session: AsyncSession, product_id: UUID, archive_filter: ArchiveFilter) -> Sequence[Variant]:
    """Of one product, in their order, with their terms, read anew whatever the session knew of them."""
    return await variants_of_all(session, [product_id], archive_filter)


async def variants_of_all(
    session: AsyncSession, product_ids: Sequence[UUID], archive_filter: ArchiveFilter
) -> Sequence[Variant]:
    """The same of several products, one after the other, in as many statements: three."""
    found = select(Variant).where(among(VARIANTS.c.product_id, product_ids))
    ordered = found.order_by(Variant.product_id, Variant.position, Variant.id)
    loaded = ordered.options(subqueryload(Variant.prices), subqueryload(Variant.recipe))  # selectin: one for each 500
    anew = archive_filter.of(loaded, Variant.archived_at).execution_options(populate_existing=True)
    return (await session.scalars(anew)).all()
