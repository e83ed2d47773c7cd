"""Putting products into the shop's lists and taking them out: by hand, or when their time comes."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import SYSTEM, assign, record
from apps.core.db.archive import refuse_archived
from apps.core.events import publish
from apps.shop.events import ProductPublished, ProductUnpublished
from apps.shop.models import Product
from apps.shop.products.variants import follow_products

AT_ONCE = 200


async def publish_product(session: AsyncSession, product: Product, *, actor: str) -> None:
    """The product is locked. What is published already stays so. Raises InArchive."""
    await publish_products(session, [product], actor=actor)


async def publish_products(session: AsyncSession, products: Sequence[Product], *, actor: str) -> None:
    """The same with several, in as many statements."""
    for product in products:
        refuse_archived(product)
    await _publish(session, products, actor=actor)


async def unpublish_product(session: AsyncSession, product: Product, *, actor: str) -> None:
    """The product is locked. What was ordered is still delivered. Raises InArchive."""
    await unpublish_products(session, [product], actor=actor)


async def unpublish_products(session: AsyncSession, products: Sequence[Product], *, actor: str) -> None:
    """The same with several, in as many statements."""
    taken_out = [product for product in products if product.published]
    for product in products:
        refuse_archived(product)
        before, after = assign(product, {"published": False, "publish_at": None})
        if after:
            record(session, "shop.unpublish_product", product, actor=actor, before=before, after=after)
    await follow_products(session, products)
    await publish(session, *(ProductUnpublished(product.id) for product in taken_out))


async def publish_due(session: AsyncSession) -> int:
    """Those whose time has come; how many. What somebody is changing at this moment is left for the next time."""
    due = select(Product).where(Product.publish_at <= func.clock_timestamp(), Product.archived_at.is_(None))
    free = due.order_by(Product.id).limit(AT_ONCE).with_for_update(key_share=True, skip_locked=True)
    products = (await session.scalars(free)).all()
    await _publish(session, products, actor=SYSTEM)
    return len(products)


async def _publish(session: AsyncSession, products: Sequence[Product], *, actor: str) -> None:
    new = [product for product in products if not product.published]
    for product in products:
        before, after = assign(product, {"published": True, "publish_at": None})
        if after:
            record(session, "shop.publish_product", product, actor=actor, before=before, after=after)
    await follow_products(session, products)
    await publish(session, *(ProductPublished(product.id) for product in new))
