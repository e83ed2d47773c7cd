"""Duplicates a product: a draft with the same options, prices and pictures, and nothing in stock."""

from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.archive import ArchiveFilter
from apps.orders.offers.terms import prices_of
from apps.shop.models import Category, Product, Variant
from apps.shop.products.catalogue import add_product
from apps.shop.products.current_variants import variants_of
from apps.shop.products.variants import add_variants
from apps.shop.staff_schemas import ImageIn, NewVariantIn, ProductIn, ProductTexts

COPIED = ("description", "vendor", "tags", "option_names")
COPIED_OF_VARIANT = (
    "options",
    "grams",
    "position",
    "max_per_order",
    "max_per_customer",
    "needs_shipping",
    "tax_class",
    "entitlement",
    "members_only",
)


async def duplicate(session: AsyncSession, product: Product, title: str, *, actor: str) -> Product:
    """`product` was loaded with its images. What names one thing alone, as a SKU, is not copied. Raises Invalid."""
    copy = await add_product(session, await _facts(session, product, title), actor=actor)
    variants = [_again(each) for each in await variants_of(session, product.id, ArchiveFilter.in_use)]
    await add_variants(session, copy, variants, actor=actor)
    return copy


async def _facts(session: AsyncSession, product: Product, title: str) -> ProductIn:
    """Its title in other languages is the old one's, and so is a category that is in the archive."""
    facts: dict[str, Any] = {name: getattr(product, name) for name in COPIED}
    images = [ImageIn(each.source_url, each.alt) for each in product.images]
    texts = {
        locale: {name: each[name] for name in ("description", "options") if name in each}
        for locale, each in product.translations.items()
    }
    category = await session.get(Category, product.category_id) if product.category_id else None
    in_use = category.id if category and category.archived_at is None else None
    translations = {locale: each for locale, each in texts.items() if each}
    return ProductIn(
        **facts,
        title=title,
        category=in_use,
        images=images,
        translations=msgspec.convert(translations, dict[str, ProductTexts]),
    )


def _again(variant: Variant) -> NewVariantIn:
    """With stock of its own where something is counted, and without what it costs for a time only."""
    facts = {name: getattr(variant, name) for name in COPIED_OF_VARIANT}
    prices = {currency: replace(price, reduced=None) for currency, price in prices_of(variant).items()}
    new = NewVariantIn(prices=prices, **facts)
    return replace(new, stock=0) if variant.allocation else replace(new, allocation={})
