"""Many products with their variants in one request: each row by itself, all that is right in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from apps.core.db.bulk import among
from apps.core.errors import AppError, FieldError, Invalid, NotFound
from apps.core.http.openapi import Problem
from apps.core.http.preconditions import refuse_stale, version_of
from apps.core.http.problems import problem_document
from apps.core.text.i18n import lazy as _
from apps.shop.models import Product
from apps.shop.products.with_variants import ProductWithVariantsIn, add_with_variants, change_with_variants
from apps.shop.repositories import PRODUCTS
from apps.shop.staff_reads import product_with_variants_out

MOST_ROWS = 50
GZIP_TAG_END = '-gzip"'
TWICE = _("This product is in the list twice.")


class ProductRowIn(ProductWithVariantsIn, kw_only=True):
    """A new product with its variants. With `id` it is a change, of the `version` (ETag) that its sheet has.

    A change says all of the product, but of its variants only those that change.
    """

    id: Annotated[UUID | None, Meta(examples=[None])] = None
    version: Annotated[Annotated[str, Meta(max_length=100)] | None, Meta(examples=[None])] = None


class ProductRowsIn(Struct, forbid_unknown_fields=True):
    """Each row is taken or refused by itself."""

    products: Annotated[list[ProductRowIn], Meta(min_length=1, max_length=MOST_ROWS)]


class ProductRowOut(Struct, kw_only=True):
    """201 for a new product, 200 for a changed one, with its `id` and `version`; else why not, in `problem`."""

    status: Annotated[int, Meta(examples=[201])]
    id: UUID | None = None
    version: Annotated[str | None, Meta(examples=['"9b2f0c1d3e4f5a6b7c8d9e0f1a2b3c4d"'])] = None
    problem: Problem | None = None


class ProductRowsOut(Struct):
    """In the order of the rows that were sent."""

    products: list[ProductRowOut]


async def write_products(
    session: AsyncSession, rows: Sequence[ProductRowIn], *, locale: str, actor: str
) -> ProductRowsOut:
    """A row takes as many statements whatever its variants. Raises Invalid when a product is there twice."""
    ids = [row.id for row in rows if row.id]
    twice = {id for id, times in Counter(ids).items() if times > 1}
    if errors := [FieldError(f"products[{n}].id", TWICE) for n, row in enumerate(rows) if row.id in twice]:
        raise Invalid(errors=errors)
    existing = await _locked(session, ids)
    return ProductRowsOut([await _answer(session, row, existing, locale, actor) for row in rows])


async def _locked(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, Product]:
    """In the order of their ids, as everybody who locks several does it."""
    found = (
        select(Product).where(among(PRODUCTS.c.id, ids)).order_by(PRODUCTS.c.id).options(selectinload(Product.images))
    )
    locked = found.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {product.id: product for product in await session.scalars(locked)}


async def _answer(
    session: AsyncSession, row: ProductRowIn, existing: Mapping[UUID, Product], locale: str, actor: str
) -> ProductRowOut:
    try:
        async with session.begin_nested():
            product = await _write(session, row, existing, actor)
    except AppError as refused:
        problem = msgspec.convert(problem_document(refused, locale), Problem)
        return ProductRowOut(status=refused.status, id=row.id, problem=problem)
    version = version_of(await product_with_variants_out(session, product))
    return ProductRowOut(status=200 if row.id else 201, id=product.id, version=version)


async def _write(session: AsyncSession, row: ProductRowIn, existing: Mapping[UUID, Product], actor: str) -> Product:
    if row.id is None:
        return await add_with_variants(session, row, actor=actor)
    if (product := existing.get(row.id)) is None:
        raise NotFound
    version = row.version and row.version.replace(GZIP_TAG_END, '"')  # in whatever encoding it was read
    refuse_stale(version, await product_with_variants_out(session, product))
    await change_with_variants(session, product, row, actor=actor)
    return product
