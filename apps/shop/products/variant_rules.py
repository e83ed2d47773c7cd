"""Validation of variants, for several at once."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.errors import AppError, FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.orders.offers.pools import missing_pools
from apps.orders.offers.terms import errors_in_terms
from apps.shop.models import Product, Variant
from apps.shop.staff_schemas import NewVariantIn, VariantIn

STOCK_OR_ALLOCATION = _("Give either stock or an allocation; with an empty allocation nothing is counted.")
NOT_ITS_OPTIONS = _("Must be one value for each of the product's options: {names}.")
MOST_VARIANTS = 250
Written = tuple[Variant | None, VariantIn | NewVariantIn]
"""The variant, None for a new one, and what it is to be."""


class OptionsTaken(AppError):
    status = 409
    type = "options-taken"
    message = _("The product has a variant with these options already.")


class TooManyVariants(AppError):
    """`limit`: the most there may be."""

    status = 409
    type = "too-many-variants"
    message = _("A product can have {limit} variants at most.")


async def refuse_wrong(session: AsyncSession, product: Product, written: Sequence[Written]) -> None:
    """Raises Invalid, OptionsTaken."""
    if errors := [error for each in await errors_in(session, product, written) for error in each]:
        raise Invalid(errors=errors)
    if await with_taken_options(session, product, written):
        raise OptionsTaken


async def errors_in(session: AsyncSession, product: Product, written: Sequence[Written]) -> list[list[FieldError]]:
    """Of each, all that is wrong by itself. No pool of theirs is archived until the transaction ends."""
    missing = await missing_pools(session, {pool for _variant, each in written for pool in each.allocation or ()})
    return [list(_errors(product, each, missing)) for _variant, each in written]


async def with_taken_options(session: AsyncSession, product: Product, written: Sequence[Written]) -> set[int]:
    """Which of them, by their places in the list, take the options of another. What one gives up, another may take."""
    found = select(Variant.id, Variant.options).where(Variant.product_id == product.id)
    before = {id: tuple(options) for id, options in await session.execute(found)}
    wanted = [(variant and variant.id, tuple(each.options)) for variant, each in written]
    changing = {id for id, _options in wanted}
    others = [options for id, options in before.items() if id not in changing]
    takers = Counter([*others, *(options for _id, options in wanted)])
    return {n for n, (id, options) in enumerate(wanted) if takers[options] > 1 and options != before.get(id)}


async def refuse_more(session: AsyncSession, product: Product, more: int) -> None:
    """Raises TooManyVariants."""
    of_product = select(func.count()).where(Variant.product_id == product.id)
    if more and (await session.scalar(of_product) or 0) + more > MOST_VARIANTS:
        raise TooManyVariants(limit=MOST_VARIANTS)


def _errors(product: Product, data: VariantIn | NewVariantIn, missing: Collection[UUID]) -> Iterator[FieldError]:
    yield from _of_options(product, data.options)
    yield from _of_stock(data)
    window = (data.sale_from, data.sale_until)
    yield from errors_in_terms(data.prices, data.allocation or (), missing=missing, window=window, members=data)


def _of_options(product: Product, options: list[str]) -> Iterator[FieldError]:
    if len(options) != len(product.option_names):
        yield FieldError("options", NOT_ITS_OPTIONS, {"names": ", ".join(product.option_names) or "-"})


def _of_stock(data: VariantIn | NewVariantIn) -> Iterator[FieldError]:
    if isinstance(data, NewVariantIn) and (data.stock is None) == (data.allocation is None):
        yield FieldError("allocation", STOCK_OR_ALLOCATION)
