"""Deleting what was made by mistake. What was ordered, or lies in a cart, is archived instead."""

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.orders.offers.deleting import delete_offers
from apps.shop.models import Category, Product
from apps.shop.repositories import CATEGORIES, PRODUCTS, VARIANTS


class CategoryInUse(AppError):
    status = 409
    type = "category-in-use"
    message = _("Products belong to this category, maybe some in the archive. Choose another for them first.")


async def delete_product(session: AsyncSession, product: Product, *, actor: str) -> None:
    """The product is locked. Its variants and pictures go with it; stock that nothing else takes from is archived.

    Raises AlreadyOrdered.
    """
    offers = (await session.scalars(select(VARIANTS.c.offer_id).where(VARIANTS.c.product_id == product.id))).all()
    await delete_offers(session, offers, actor=actor)
    await session.execute(delete(PRODUCTS).where(PRODUCTS.c.id == product.id))
    gone = {"title": product.title, "slug": product.slug, "variants": len(offers)}
    record(session, "shop.delete_product", product, actor=actor, before=gone)


async def delete_category(session: AsyncSession, category: Category, *, actor: str) -> None:
    """The category is locked. Raises CategoryInUse."""
    if await session.scalar(select(exists(PRODUCTS.select().where(PRODUCTS.c.category_id == category.id)))):
        raise CategoryInUse
    await session.execute(delete(CATEGORIES).where(CATEGORIES.c.id == category.id))
    record(session, "shop.delete_category", category, actor=actor, before={"title": category.title})
