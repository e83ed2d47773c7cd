"""A product and its variants on one sheet: changed together, or not at all."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.archive import Shelf
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.i18n import lazy as _
from apps.core.texts import Amount, Quantity, Title
from apps.inventory.staff_schemas import Units
from apps.orders.schemas import PriceIn
from apps.shop.catalogue import change_product
from apps.shop.models import Product
from apps.shop.staff_reads import list_variants, product_out
from apps.shop.staff_schemas import (
    Code,
    NewVariantIn,
    Position,
    ProductIn,
    ProductStaffOut,
    VariantFacts,
    VariantIn,
    VariantStaffOut,
)
from apps.shop.variants import MOST_VARIANTS, add_variant, archive_variant, change_variant, lock_variant
from project.settings import settings

NO_VARIANT = _("There is no such variant of this product.")
NO_PRICE = _("What is new needs a price.")


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


class SheetIn(ProductIn, kw_only=True):
    """Variants that are not on it stay as they are."""

    variants: Annotated[list[VariantRowIn], Meta(max_length=MOST_VARIANTS)] = []


class SheetOut(ProductStaffOut, kw_only=True):
    """Its variants in use, with all their facts, so that the version covers them."""

    variants: list[VariantStaffOut]


async def sheet_out(session: AsyncSession, product: Product) -> SheetOut:
    """The product was loaded with its images."""
    variants = await list_variants(session, product.id, Shelf.in_use)
    return SheetOut(**msgspec.structs.asdict(product_out(product)), variants=variants)


async def change_sheet(session: AsyncSession, product: Product, wanted: SheetIn, *, actor: str) -> None:
    """The product is locked, which covers its variants. Raises as `change_product` does; Invalid names all rows."""
    await change_product(session, product, wanted, actor=actor)
    known = {each.id: each for each in await list_variants(session, product.id, Shelf.in_use)}
    errors: list[FieldError] = []
    for n, row in enumerate(wanted.variants):
        try:
            await _save(session, product, row, known, actor=actor)
        except AppError as error:
            errors += _on_row(n, error)
    if errors:
        raise Invalid(errors=errors)


def _on_row(n: int, error: AppError) -> Iterator[FieldError]:
    """What is wrong with one variant, where it stands on the sheet."""
    if isinstance(error, Invalid):
        for each in error.details["errors"]:
            yield FieldError(f"variants[{n}].{each.field}", each.message, each.values)
    else:
        yield FieldError(f"variants[{n}]", error.message, error.details)


async def _save(
    session: AsyncSession, product: Product, row: VariantRowIn, known: dict[UUID, VariantStaffOut], *, actor: str
) -> None:
    if row.id is None:
        await add_variant(session, product, _new(row), actor=actor)
        return
    standing = known.get(row.id)
    if standing is None:
        raise Invalid(errors=[FieldError("id", NO_VARIANT)])
    wanted, same = _changed(standing, row), msgspec.convert(_facts(standing), VariantIn)
    if wanted == same and not row.archived:
        return
    _product, variant = await lock_variant(session, row.id)
    if wanted != same:
        await change_variant(session, product, variant, wanted, actor=actor)
    if row.archived:
        await archive_variant(session, product, variant, actor=actor)


def _new(row: VariantRowIn) -> NewVariantIn:
    if row.price is None:
        raise Invalid(errors=[FieldError("price", NO_PRICE)])
    prices = {settings.currency: PriceIn(amount=row.price, compare_at=row.compare_at)}
    return NewVariantIn(**_told(row), prices=prices, stock=row.stock, recipe={} if row.stock is None else None)


def _changed(standing: VariantStaffOut, row: VariantRowIn) -> VariantIn:
    facts = {**_facts(standing), **_told(row), "prices": _prices(standing, row)}
    return msgspec.convert(facts, VariantIn)


def _prices(standing: VariantStaffOut, row: VariantRowIn) -> dict[str, PriceIn]:
    """Those in other currencies, and what a fan pays at least, stay."""
    others = {currency: price for currency, price in standing.prices.items() if currency != settings.currency}
    if row.price is None:
        return others
    before = standing.prices.get(settings.currency)
    price = PriceIn(amount=row.price, minimum=before.minimum if before else None, compare_at=row.compare_at)
    return {settings.currency: price, **others}


def _told(row: VariantRowIn) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _names(VariantFacts) if name in _names(VariantRowIn)}


def _facts(standing: VariantStaffOut) -> dict[str, Any]:
    return {name: getattr(standing, name) for name in _names(VariantIn)}


def _names(kind: type[Struct]) -> Sequence[str]:
    return kind.__struct_fields__
