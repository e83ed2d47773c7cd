"""Variants: what can be bought of a product. Their titles and `active` follow the product; callers hold its lock."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.archive import archive_all, refuse_archived, restore
from apps.core.text.datetimes import in_utc
from apps.inventory.services import NewPool, open_pools
from apps.orders.offers.pools import refuse_archived_pools, rename_pools
from apps.orders.offers.terms import member_facts, rewrite, set_terms
from apps.shop.models import Product, Variant, called, is_sold, offer_title
from apps.shop.products.variant_rules import refuse_more, refuse_wrong
from apps.shop.repositories import ProductRepository, VariantRepository
from apps.shop.staff_schemas import NewVariantIn, VariantIn

LONGEST_TITLE = 300
CODES = ("sku", "barcode", "grams", "position")
LIMITS = ("max_per_order", "max_per_customer", "needs_shipping", "tax_class")


async def add_variant(session: AsyncSession, product: Product, data: NewVariantIn, *, actor: str) -> Variant:
    """On sale at once when its product is. Raises InArchive, Invalid, OptionsTaken, TooManyVariants."""
    (variant,) = await add_variants(session, product, [data], actor=actor)
    return variant


async def add_variants(
    session: AsyncSession, product: Product, data: Sequence[NewVariantIn], *, actor: str
) -> Sequence[Variant]:
    """The same for several: as many statements as for one."""
    refuse_archived(product)
    await refuse_wrong(session, product, [(None, each) for each in data])
    return await write_new(session, product, data, actor=actor)


async def write_new(
    session: AsyncSession, product: Product, data: Sequence[NewVariantIn], *, actor: str
) -> Sequence[Variant]:
    """What `refuse_wrong` would let pass. Raises TooManyVariants."""
    await refuse_more(session, product, len(data))
    variants = [
        Variant(id=uuid7(), product_id=product.id, active=is_selling(product), **_facts(product, each)) for each in data
    ]
    await _set_new_terms(session, variants, data, actor=actor)
    session.add_all(variants)
    await session.flush()
    for variant, each in zip(variants, data, strict=True):
        record(session, "shop.add_variant", variant, actor=actor, after=msgspec.to_builtins(each))
    return variants


async def lock_variant(session: AsyncSession, id: UUID) -> tuple[Product, Variant]:
    """With its product, whose lock covers its variants. Raises NotFound."""
    found = await VariantRepository(session=session).find(id)
    product = await ProductRepository(session=session).lock(found.product_id)
    await session.refresh(found)
    await session.refresh(found, ["prices", "allocation"])
    return product, found


async def change_variant(
    session: AsyncSession, product: Product, variant: Variant, data: VariantIn, *, actor: str
) -> None:
    """For carts and orders to come: what was ordered keeps its price and units. Raises as `add_variant` does."""
    refuse_archived(product)
    refuse_archived(variant)
    await refuse_wrong(session, product, [(variant, data)])
    await write_changes(session, product, {variant: data}, actor=actor)


async def write_changes(
    session: AsyncSession, product: Product, data: Mapping[Variant, VariantIn], *, actor: str
) -> None:
    """What `refuse_wrong` would let pass, swapped options too: as many statements for several as for one."""
    was = {variant.id: variant.title for variant in data}
    for variant, each in data.items():
        before, after = rewrite(variant, _facts(product, each), each.prices, each.allocation)
        if after:
            record(session, "shop.change_variant", variant, actor=actor, before=before, after=after)
    await session.flush()
    await rename_pools(session, {variant.id: (was[variant.id], variant.title) for variant in data})


async def archive_variant(session: AsyncSession, product: Product, variant: Variant, *, actor: str) -> None:
    await archive_variants(session, product, [variant], actor=actor)


async def archive_variants(session: AsyncSession, product: Product, variants: Sequence[Variant], *, actor: str) -> None:
    await archive_all(session, variants, action="shop.archive_variant", actor=actor)
    for each in variants:
        _follow(product, each)
    await session.flush()


async def restore_variant(session: AsyncSession, product: Product, variant: Variant, *, actor: str) -> None:
    """Raises PoolArchived."""
    await refuse_archived_pools(session, variant)
    await restore(session, variant, action="shop.restore_variant", actor=actor)
    _follow(product, variant)
    await session.flush()


async def follow_products(session: AsyncSession, products: Sequence[Product]) -> None:
    """They were changed: their variants, and stock named after these, are called as they say, and sold or not.

    Orders keep what they were placed with.
    """
    known = {product.id: product for product in products}
    found = select(Variant).where(Variant.product_id.in_(known)).order_by(Variant.id)
    variants = (await session.scalars(found)).all()
    was = {variant.id: variant.title for variant in variants}
    for variant in variants:
        _follow(known[variant.product_id], variant)
    await session.flush()
    await rename_pools(session, {variant.id: (was[variant.id], variant.title) for variant in variants})


def is_selling(product: Product) -> bool:
    return is_sold(published=product.published, archived=product.archived_at is not None)


def _follow(product: Product, variant: Variant) -> None:
    variant.active = is_sold(published=is_selling(product), archived=variant.archived_at is not None)
    variant.title = _title(product.title, variant.options)
    variant.translations = translations_of(product.title, product.translations, variant.options)


def _title(title: str, options: Sequence[str]) -> str:
    return offer_title(title, options)[:LONGEST_TITLE]


def translations_of(title: str, translations: Mapping[str, Any], options: Sequence[str]) -> dict[str, Any]:
    """Of a variant, from its product's: in every language that has a title or options; what it lacks is as it is."""
    return {
        locale: {"title": _title(texts.get("title") or title, called(options, texts.get("options")))}
        for locale, texts in translations.items()
        if texts.get("title") or texts.get("options")
    }


def _facts(product: Product, data: VariantIn | NewVariantIn) -> dict[str, Any]:
    return {
        "options": data.options,
        "title": _title(product.title, data.options),
        "translations": translations_of(product.title, product.translations, data.options),
        **{name: getattr(data, name) for name in (*CODES, *LIMITS)},
        **in_utc(sale_from=data.sale_from, sale_until=data.sale_until),
        **member_facts(data),
    }


async def _set_new_terms(
    session: AsyncSession, variants: Sequence[Variant], data: Sequence[NewVariantIn], *, actor: str
) -> None:
    """What is counted gets a pool of its own, unless it has an allocation."""
    pairs = list(zip(variants, data, strict=True))
    pools = {one.id: NewPool(name=one.title, units=each.stock) for one, each in pairs if each.stock is not None}
    await open_pools(await session.connection(), list(pools.values()), actor=actor)
    for variant, each in pairs:
        allocation = {pools[variant.id].id: 1} if variant.id in pools else each.allocation or {}
        set_terms(variant, each.prices, allocation)
