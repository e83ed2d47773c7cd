"""Merch as staff see it: single things from their rows, lists by one query each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, String, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.archive import ArchiveFilter
from apps.core.db.bulk import among
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.search import anywhere
from apps.orders.offers.terms import terms_of
from apps.orders.repositories import OFFERS
from apps.shop.models import Product, Variant
from apps.shop.products.current_variants import variants_of
from apps.shop.repositories import PRODUCTS, VARIANTS, VariantRepository, has_tag
from apps.shop.staff_schemas import (
    ImageIn,
    ProductListedOut,
    ProductStaffOut,
    ProductTexts,
    ProductWithVariantsOut,
    VariantStaffOut,
)

NEWEST_PRODUCTS = Keyset((PRODUCTS.c.id,), (UUID,), is_descending=True)
CHANGED_PRODUCTS = Keyset((PRODUCTS.c.updated_at, PRODUCTS.c.id), (AwareDatetime, UUID))
LISTED = ("id", "title", "slug", "published", "created_at", "updated_at", "archived_at")


class ProductStaffQuery(Struct, frozen=True, kw_only=True):
    q: str
    category: UUID | None
    published: bool | None
    vendor: str | None = None
    tag: str | None = None
    ids: Sequence[UUID] | None = None
    updated_after: datetime | None = None
    archive_filter: ArchiveFilter


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


async def product_with_variants_out(session: AsyncSession, product: Product) -> ProductWithVariantsOut:
    """The product was loaded with its images."""
    variants = await list_variants(session, product.id, ArchiveFilter.in_use)
    return ProductWithVariantsOut(**msgspec.structs.asdict(product_out(product)), variants=variants)


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
    await session.refresh(variant, ["prices", "allocation"])
    return variant_out(variant)


def variant_out(variant: Variant) -> VariantStaffOut:
    """It was loaded with its prices and allocation."""
    shown = {"product": variant.product_id, **terms_of(variant)}
    rest = {name: getattr(variant, name) for name in VariantStaffOut.__struct_fields__ if name not in shown}
    return msgspec.convert(shown | rest, VariantStaffOut)


async def list_variants(
    session: AsyncSession, product_id: UUID, archive_filter: ArchiveFilter
) -> list[VariantStaffOut]:
    """Of one product, in their order: three queries."""
    return [variant_out(each) for each in await variants_of(session, product_id, archive_filter)]
