"""Variants: what can be bought of a product. Their titles and `active` follow the product; callers hold its lock."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.archive import archive, refuse_archived, restore
from apps.core.audit import assign, record
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.i18n import lazy as _
from apps.core.moments import in_utc
from apps.inventory.services import NewPool, open_pools
from apps.orders.pools import refuse_archived_pools
from apps.orders.terms import errors_in_terms, set_terms, terms_of
from apps.shop.models import Product, Variant, is_sold, offer_title
from apps.shop.repositories import ProductRepository, VariantRepository
from apps.shop.staff_schemas import NewVariantIn, VariantIn

STOCK_OR_RECIPE = _("Give either stock or a recipe; with an empty recipe nothing is counted.")
NOT_ITS_OPTIONS = _("Must be one value for each of the product's options: {names}.")
LONGEST_TITLE = 300
MOST_VARIANTS = 250
CODES = ("sku", "barcode", "grams", "position")
LIMITS = ("max_per_order", "max_per_customer", "needs_shipping", "tax_class")


class OptionsTaken(AppError):
    status = 409
    type = "options-taken"
    message = _("The product has a variant with these options already.")


class TooManyVariants(AppError):
    """`limit`: the most there may be."""

    status = 409
    type = "too-many-variants"
    message = _("A product can have {limit} variants at most.")


async def add_variant(session: AsyncSession, product: Product, wanted: NewVariantIn, *, actor: str) -> Variant:
    """On sale at once when its product is. Raises InArchive, Invalid, OptionsTaken, TooManyVariants."""
    (variant,) = await add_variants(session, product, [wanted], actor=actor)
    return variant


async def add_variants(
    session: AsyncSession, product: Product, wanted: Sequence[NewVariantIn], *, actor: str
) -> Sequence[Variant]:
    """The same for several, with other options each: as many statements as for one."""
    refuse_archived(product)
    await _refuse_more(session, product, len(wanted))
    variants = [Variant(id=uuid7(), product_id=product.id, active=is_selling(product)) for _each in wanted]
    for variant, each in zip(variants, wanted, strict=True):
        assign(variant, await _facts(session, product, each))
    await _refuse_same_options(session, product, [each.options for each in wanted])
    await _set_new_terms(session, variants, wanted, actor=actor)
    session.add_all(variants)
    await session.flush()
    for variant, each in zip(variants, wanted, strict=True):
        record(session, "shop.add_variant", variant, actor=actor, after=msgspec.to_builtins(each))
    return variants


async def lock_variant(session: AsyncSession, id: UUID) -> tuple[Product, Variant]:
    """With its product, whose lock covers its variants. Raises NotFound."""
    found = await VariantRepository(session=session).find(id)
    product = await ProductRepository(session=session).lock(found.product_id)
    await session.refresh(found)
    await session.refresh(found, ["prices", "recipe"])
    return product, found


async def change_variant(
    session: AsyncSession, product: Product, variant: Variant, wanted: VariantIn, *, actor: str
) -> None:
    """For carts and orders to come: what was ordered keeps its price and units. Raises as `add_variant` does."""
    refuse_archived(product)
    refuse_archived(variant)
    old_terms = terms_of(variant)
    facts = await _facts(session, product, wanted)
    await _refuse_same_options(session, product, [wanted.options], besides=variant)
    before, after = assign(variant, facts)
    set_terms(variant, wanted.prices, wanted.recipe)
    await session.flush()
    if (new_terms := terms_of(variant)) != old_terms:
        before, after = before | old_terms, after | new_terms
    if after:
        record(session, "shop.change_variant", variant, actor=actor, before=before, after=after)


async def archive_variant(session: AsyncSession, product: Product, variant: Variant, *, actor: str) -> None:
    await archive(session, variant, action="shop.archive_variant", actor=actor)
    _follow(product, variant)
    await session.flush()


async def restore_variant(session: AsyncSession, product: Product, variant: Variant, *, actor: str) -> None:
    """Raises PoolArchived."""
    await refuse_archived_pools(session, variant)
    await restore(session, variant, action="shop.restore_variant", actor=actor)
    _follow(product, variant)
    await session.flush()


async def follow_products(session: AsyncSession, products: Sequence[Product]) -> None:
    """They were changed: their variants are called and sold as they say. Orders keep what they were placed with."""
    known = {product.id: product for product in products}
    for variant in await session.scalars(select(Variant).where(Variant.product_id.in_(known)).order_by(Variant.id)):
        _follow(known[variant.product_id], variant)
    await session.flush()


def is_selling(product: Product) -> bool:
    return is_sold(published=product.published, archived=product.archived_at is not None)


def _follow(product: Product, variant: Variant) -> None:
    variant.active = is_sold(published=is_selling(product), archived=variant.archived_at is not None)
    variant.title = _title(product.title, variant.options)
    variant.translations = _translations(product, variant.options)


def _title(title: str, options: list[str]) -> str:
    return offer_title(title, options)[:LONGEST_TITLE]


def _translations(product: Product, options: list[str]) -> dict[str, Any]:
    titles = {locale: texts["title"] for locale, texts in product.translations.items() if texts.get("title")}
    return {locale: {"title": _title(title, options)} for locale, title in titles.items()}


async def _facts(session: AsyncSession, product: Product, wanted: VariantIn | NewVariantIn) -> dict[str, Any]:
    window = in_utc(sale_from=wanted.sale_from, sale_until=wanted.sale_until)
    opens = (window["sale_from"], window["sale_until"])
    errors = [*_of_options(product, wanted.options), *_of_stock(wanted)]
    errors += await errors_in_terms(session, wanted.prices, wanted.recipe or {}, window=opens)
    if errors:
        raise Invalid(errors=errors)
    return {
        "options": wanted.options,
        "title": _title(product.title, wanted.options),
        "translations": _translations(product, wanted.options),
        **{name: getattr(wanted, name) for name in (*CODES, *LIMITS)},
        **window,
    }


async def _refuse_more(session: AsyncSession, product: Product, more: int) -> None:
    variants = await session.scalar(select(func.count()).where(Variant.product_id == product.id)) or 0
    if variants + more > MOST_VARIANTS:
        raise TooManyVariants(limit=MOST_VARIANTS)


def _of_options(product: Product, options: list[str]) -> Iterator[FieldError]:
    if len(options) != len(product.option_names):
        yield FieldError("options", NOT_ITS_OPTIONS, {"names": ", ".join(product.option_names) or "-"})


def _of_stock(wanted: VariantIn | NewVariantIn) -> Iterator[FieldError]:
    if isinstance(wanted, NewVariantIn) and (wanted.stock is None) == (wanted.recipe is None):
        yield FieldError("recipe", STOCK_OR_RECIPE)


async def _refuse_same_options(
    session: AsyncSession, product: Product, options: Sequence[list[str]], *, besides: Variant | None = None
) -> None:
    same = select(Variant.id).where(Variant.product_id == product.id, Variant.options.in_(options))
    others = same.where(Variant.id != besides.id) if besides else same
    if await session.scalar(others.limit(1)) is not None:
        raise OptionsTaken


async def _set_new_terms(
    session: AsyncSession, variants: Sequence[Variant], wanted: Sequence[NewVariantIn], *, actor: str
) -> None:
    """What is counted gets a pool of its own, unless it has a recipe."""
    told = list(zip(variants, wanted, strict=True))
    pools = {one.id: NewPool(name=one.title, units=each.stock) for one, each in told if each.stock is not None}
    await open_pools(await session.connection(), list(pools.values()), actor=actor)
    for variant, each in told:
        recipe = {pools[variant.id].id: 1} if variant.id in pools else each.recipe or {}
        set_terms(variant, each.prices, recipe)
