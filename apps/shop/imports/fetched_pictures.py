"""Replaces remote pictures of products by our copies once these are fetched."""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from apps.media.usage import hold_pictures
from apps.shop.models import Product, ProductImage


async def show_fetched(session: AsyncSession, *, url: str, address: str) -> None:
    """In all products that show it. One that shows the same picture already, from another address, shows it once."""
    shown = select(ProductImage.product_id).where(ProductImage.source_url == url)
    await session.execute(
        select(Product.id).where(Product.id.in_(shown)).order_by(Product.id).with_for_update(key_share=True)
    )
    if await hold_pictures(session, [address]):
        return
    other = aliased(ProductImage)
    is_there = exists().where(other.product_id == ProductImage.product_id, other.source_url == address)
    await session.execute(delete(ProductImage).where(ProductImage.source_url == url, is_there))
    await session.execute(update(ProductImage).where(ProductImage.source_url == url).values(source_url=address))
