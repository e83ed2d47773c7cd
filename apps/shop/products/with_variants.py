"""A product and its variants, written together or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.guards import NotAllowed
from apps.core.db.archive import ArchiveFilter
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Amount, Quantity, Title
from apps.inventory.staff_schemas import Units
from apps.orders.schemas import PriceIn
from apps.shop.models import Product, Variant
from apps.shop.permissions import ShopPermission
from apps.shop.products.catalogue import add_product, change_product
from apps.shop.products.current_variants import as_written, variants_of
from apps.shop.products.variant_rules import MOST_VARIANTS, OptionsTaken, Written, errors_in, with_taken_options
from apps.shop.products.variants import archive_variants, write_changes, write_new
from apps.shop.staff_schemas import (
    Code,
    NewVariantIn,
    Position,
    ProductIn,
    VariantFacts,
    VariantIn,
)
from project.settings import settings

NO_VARIANT = _("There is no such variant of this product.")
NO_PRICE = _("A new row needs a price.")


class VariantRowIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """The most usual of a variant; all else stays. Without an `id` it is new, with `stock`, or uncounted without.

    `price` and `compare_at` are in the currency of the site.
    """

    id: UUID | None = None
    options: Annotated[list[Title], Meta(max_length=3)] = []
    price: Amount | None = None
    compare_at: Amount | None = None
    sku: Code = ""
    stock: Units | None = None
    max_per_order: Quantity = 10
    max_per_customer: Quantity | None = None
    position: Position = 0
    archived: bool = False


class ProductWithVariantsIn(ProductIn, kw_only=True):
    """Variants that are not named stay as they are."""

    variants: Annotated[list[VariantRowIn], Meta(max_length=MOST_VARIANTS)] = []


def refuse_archiving(rows: Iterable[VariantRowIn], current_user: CurrentUser) -> None:
    """Who may edit products may not archive variants by it. Raises NotAllowed."""
    if any(row.archived for row in rows) and ShopPermission.PRODUCTS_ARCHIVE not in current_user.permissions:
        raise NotAllowed(permission=ShopPermission.PRODUCTS_ARCHIVE)


async def change_with_variants(
    session: AsyncSession, product: Product, data: ProductWithVariantsIn, *, actor: str
) -> None:
    """The product is locked, which covers its variants. As many statements for many rows as for few.

    Raises as `change_product` does, TooManyVariants, and Invalid with all that is wrong with the rows.
    """
    await change_product(session, product, data, actor=actor)
    await _write_rows(session, product, data.variants, actor=actor)


async def add_with_variants(session: AsyncSession, data: ProductWithVariantsIn, *, actor: str) -> Product:
    """A new product with its variants. Raises as `add_product` does, and for the rows as `change_with_variants`."""
    product = await add_product(session, data, actor=actor)
    await _write_rows(session, product, data.variants, actor=actor)
    return product


async def _write_rows(session: AsyncSession, product: Product, rows: Sequence[VariantRowIn], *, actor: str) -> None:
    current = {each.id: each for each in await variants_of(session, product.id, ArchiveFilter.in_use)}
    written = await _written(session, product, rows, current)
    changed = {variant: each for variant, each in written if variant and isinstance(each, VariantIn)}
    await write_changes(session, product, changed, actor=actor)
    new = [each for _variant, each in written if isinstance(each, NewVariantIn)]
    await write_new(session, product, new, actor=actor)
    archived = [current[row.id] for row in rows if row.id and row.archived]
    await archive_variants(session, product, archived, actor=actor)


async def _written(
    session: AsyncSession, product: Product, rows: Sequence[VariantRowIn], current: Mapping[UUID, Variant]
) -> Sequence[Written]:
    """What is new or changes."""
    wrong = {n: list(_unclear(row, current)) for n, row in enumerate(rows)}
    wanted = {n: _written_by(row, current) for n, row in enumerate(rows) if not wrong[n]}
    written = {n: each for n, each in wanted.items() if each}
    for n, errors in zip(written, await errors_in(session, product, list(written.values())), strict=True):
        wrong[n] += errors
    for index in await with_taken_options(session, product, list(written.values())):
        wrong[list(written)[index]].append(FieldError("options", OptionsTaken.message))
    if errors := [_on_row(n, error) for n, each in wrong.items() for error in each]:
        raise Invalid(errors=errors)
    return list(written.values())


def _unclear(row: VariantRowIn, current: Mapping[UUID, Variant]) -> Iterator[FieldError]:
    if row.id is None and row.price is None:
        yield FieldError("price", NO_PRICE)
    if row.id is not None and row.id not in current:
        yield FieldError("id", NO_VARIANT)


def _on_row(n: int, error: FieldError) -> FieldError:
    field = error.field.removeprefix(f"prices.{settings.currency}.")
    return FieldError(f"variants[{n}].{field}", error.message, error.values)


def _written_by(row: VariantRowIn, current: Mapping[UUID, Variant]) -> Written | None:
    """None for one that stays as it is."""
    if row.id is None:
        return None, _new(row)
    variant = current[row.id]
    written = as_written(variant)
    wanted = _changed(written, row)
    return None if wanted == written else (variant, wanted)


def _new(row: VariantRowIn) -> NewVariantIn:
    """It has a price."""
    prices = {settings.currency: PriceIn(amount=row.price or 0, compare_at=row.compare_at)}
    return NewVariantIn(**_facts_of(row), prices=prices, stock=row.stock, allocation={} if row.stock is None else None)


def _changed(current: VariantIn, row: VariantRowIn) -> VariantIn:
    return msgspec.structs.replace(current, **_facts_of(row), prices=_prices(current, row))


def _prices(current: VariantIn, row: VariantRowIn) -> dict[str, PriceIn]:
    """Those in other currencies, what a fan pays at least, and what is reduced for a time stay."""
    others = {currency: price for currency, price in current.prices.items() if currency != settings.currency}
    if row.price is None:
        return others
    before = current.prices.get(settings.currency)
    known = before or PriceIn(amount=row.price)
    price = msgspec.structs.replace(known, amount=row.price, compare_at=row.compare_at)
    return {settings.currency: price, **others}


def _facts_of(row: VariantRowIn) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _names(VariantFacts) if name in _names(VariantRowIn)}


def _names(kind: type[Struct]) -> Sequence[str]:
    return kind.__struct_fields__
