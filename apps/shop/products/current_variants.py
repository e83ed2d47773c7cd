"""The current variants of products: their rows, and each as the input that would leave it unchanged."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import subqueryload

from apps.core.db.archive import ArchiveFilter
from apps.core.db.bulk import among
from apps.orders.offers.terms import allocation_of, prices_of
from apps.shop.models import Variant
from apps.shop.repositories import VARIANTS
from apps.shop.staff_schemas import VariantIn

TERMS = ("prices", "allocation")


async def variants_of(session: AsyncSession, product_id: UUID, archive_filter: ArchiveFilter) -> Sequence[Variant]:
    """Of one product, in their order, with their terms, read anew whatever the session knew of them."""
    return await variants_of_all(session, [product_id], archive_filter)


async def variants_of_all(
    session: AsyncSession, product_ids: Sequence[UUID], archive_filter: ArchiveFilter
) -> Sequence[Variant]:
    """The same of several products, one after the other, in as many statements: three."""
    found = select(Variant).where(among(VARIANTS.c.product_id, product_ids))
    ordered = found.order_by(Variant.product_id, Variant.position, Variant.id)
    terms = (subqueryload(Variant.prices), subqueryload(Variant.allocation))  # selectin: one for each 500
    loaded = ordered.options(*terms)
    anew = archive_filter.of(loaded, Variant.archived_at).execution_options(populate_existing=True)
    return (await session.scalars(anew)).all()


def as_written(variant: Variant) -> VariantIn:
    """It was loaded with its prices and allocation."""
    facts = {name: getattr(variant, name) for name in VariantIn.__struct_fields__ if name not in TERMS}
    return VariantIn(**facts, prices=prices_of(variant), allocation=allocation_of(variant))
