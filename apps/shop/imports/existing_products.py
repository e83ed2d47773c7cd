"""The existing products that a file names, read before they are compared with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among
from apps.core.importing import slugify
from apps.inventory.models import Pool
from apps.media.fetching.fetch_requests import KnownFetch, known_fetches
from apps.orders.models import Offer, OfferPool, OfferPrice
from apps.shop.imports.shopify import ProductRecord
from apps.shop.models import Category, Product, ProductImage, Variant

LOCK = "import-products"
CATEGORY = Category.table()
PRODUCT = Product.table()
VARIANT = Variant.table()
IMAGE = ProductImage.table()
OFFER = Offer.table()
PRICE = OfferPrice.table()
ALLOCATION = OfferPool.table()
POOL = Pool.table()

Row = Mapping[str, Any]


@dataclass(slots=True)
class ExistingProducts:
    """What is there of the products of one transaction."""

    categories: dict[str, Row]
    products: dict[str, Row]
    variants: dict[tuple[UUID, tuple[str, ...]], Row]
    images: dict[tuple[UUID, str], Row]
    prices: dict[UUID, dict[str, Row]]
    """By offer and currency."""
    fetches: Mapping[str, KnownFetch]
    pools: dict[UUID, list[Row]] = field(default_factory=dict)

    def variants_of(self, product: UUID) -> list[Row]:
        return [row for (owner, _), row in self.variants.items() if owner == product]

    def images_of(self, product: UUID) -> list[Row]:
        return [row for (owner, _), row in self.images.items() if owner == product]


async def read_existing_products(connection: AsyncConnection, records: Sequence[ProductRecord]) -> ExistingProducts:
    """Read under a lock that keeps two imports apart; the products' own keep staff from changing them meanwhile."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(LOCK))))

    async def rows(wanted: Select[Any]) -> list[Row]:
        return [row._asdict() for row in await connection.execute(wanted)]

    categories = {category_slug(record) for record in records}
    known = select(PRODUCT).where(among(PRODUCT.c.slug, [record.slug for record in records])).order_by(PRODUCT.c.id)
    products = await rows(known.with_for_update(key_share=True))
    ids = [row["id"] for row in products]
    offers = select(*OFFER.c, *(each for each in VARIANT.c if each.name != "offer_id")).join_from(OFFER, VARIANT)
    variants = await rows(offers.where(among(VARIANT.c.product_id, ids)))
    images = await rows(select(IMAGE).where(among(IMAGE.c.product_id, ids)))
    prices = select(PRICE).where(among(PRICE.c.offer_id, [row["id"] for row in variants]))
    existing = ExistingProducts(
        categories={row["slug"]: row for row in await rows(select(CATEGORY).where(among(CATEGORY.c.slug, categories)))},
        products={row["slug"]: row for row in products},
        variants={(row["product_id"], tuple(row["options"])): row for row in variants},
        images={(row["product_id"], row["source_url"]): row for row in images},
        prices={},
        fetches=await known_fetches(connection, [image.url for record in records for image in record.images]),
    )
    for row in await rows(prices):
        existing.prices.setdefault(row["offer_id"], {})[row["currency"]] = row
    left = (POOL.c.capacity - POOL.c.reserved).label("left")
    pools = select(ALLOCATION.c.offer_id, ALLOCATION.c.pool_id, left).join_from(ALLOCATION, POOL)
    for row in await rows(pools.where(among(ALLOCATION.c.offer_id, [row["id"] for row in variants]))):
        existing.pools.setdefault(row["offer_id"], []).append(row)
    return existing


def category_slug(record: ProductRecord) -> str:
    return slugify(record.category)[:200].strip("-")
