"""All variants of a product in one step: "S, M, L" and "Black, Red" make six."""

from itertools import product as combine
from math import prod
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Amount, Quantity, Title
from apps.inventory.staff_schemas import Units
from apps.orders.schemas import PriceIn
from apps.shop.models import Product, Variant
from apps.shop.products.catalogue import add_product
from apps.shop.products.variant_rules import MOST_VARIANTS, TooManyVariants
from apps.shop.products.variants import add_variants
from apps.shop.staff_schemas import NewVariantIn, ProductIn
from project.settings import settings

NO_VALUES = _("Enter at least one value.")
Values = Annotated[list[Title], Meta(max_length=MOST_VARIANTS)]


class TermsIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """What all of them cost, in the currency of the site, and the stock of each; without it nothing is counted."""

    price: Amount
    stock: Units | None = None
    max_per_order: Quantity = 10


class CombinationsIn(TermsIn, kw_only=True):
    """`options`: the values of each of the product's options, in their order."""

    options: Annotated[list[Values], Meta(max_length=3)]


class OptionIn(Struct, forbid_unknown_fields=True):
    """What variants differ in, and how: "Size" with S, M, L."""

    name: Title
    values: Values


class NewProductIn(ProductIn, kw_only=True):
    """A product with its variants; without a price there are none yet."""

    options: Annotated[list[OptionIn], Meta(max_length=3)] = []
    price: Amount | None = None
    stock: Units | None = None
    max_per_order: Quantity = 10


async def add_product_with_variants(session: AsyncSession, data: NewProductIn, *, actor: str) -> Product:
    """Raises as `add_product` and `add_combinations` do."""
    data.option_names = [option.name for option in data.options]
    product = await add_product(session, data, actor=actor)
    if data.price is not None:
        terms = TermsIn(price=data.price, stock=data.stock, max_per_order=data.max_per_order)
        await add_combinations(session, product, [option.values for option in data.options], terms, actor=actor)
    return product


async def add_combinations(
    session: AsyncSession, product: Product, values: list[list[str]], terms: TermsIn, *, actor: str
) -> int:
    """How many are new; those that are there already stay as they are. The product is locked.

    `values`: a list for each option, in their order. Raises InArchive, Invalid, TooManyVariants.
    """
    if empty := [n for n, each in enumerate(values) if not each]:
        raise Invalid(errors=[FieldError(f"options[{n}].values", NO_VALUES) for n in empty])
    missing = await _missing(session, product, [list(dict.fromkeys(each)) for each in values])
    last = await session.scalar(select(func.max(Variant.position)).where(Variant.product_id == product.id))
    first = 0 if last is None else last + 1
    new = [_new(list(options), terms, position=position) for position, options in enumerate(missing, start=first)]
    await add_variants(session, product, new, actor=actor)
    return len(new)


async def _missing(session: AsyncSession, product: Product, values: list[list[str]]) -> list[tuple[str, ...]]:
    """In the order that the values were given in."""
    if prod(map(len, values)) > MOST_VARIANTS:
        raise TooManyVariants(limit=MOST_VARIANTS)
    options = await session.scalars(select(Variant.options).where(Variant.product_id == product.id))
    known = {tuple(each) for each in options}
    missing = [each for each in combine(*values) if each not in known]
    if len(known) + len(missing) > MOST_VARIANTS:
        raise TooManyVariants(limit=MOST_VARIANTS)
    return missing


def _new(options: list[str], terms: TermsIn, *, position: int) -> NewVariantIn:
    return NewVariantIn(
        options=options,
        prices={settings.currency: PriceIn(amount=terms.price)},
        stock=terms.stock,
        allocation={} if terms.stock is None else None,
        max_per_order=terms.max_per_order,
        position=position,
    )
