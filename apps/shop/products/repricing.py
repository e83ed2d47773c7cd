"""New prices for all variants of a product at once, for good or for a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from babel.numbers import get_currency_precision
from msgspec import Meta, Struct
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from apps.core.audit import record
from apps.core.db.archive import ArchiveFilter, refuse_archived
from apps.core.db.bulk import among, update_rows
from apps.core.errors import FieldError, Invalid
from apps.core.http.validation import MOST_ERRORS
from apps.core.text.datetimes import AwareDatetime, errors_in_datetimes
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Amount
from apps.orders.models import OfferPrice
from apps.orders.offers.terms import ENDS_FIRST, columns_of, prices_of, terms_of
from apps.orders.prices import PRICES
from apps.orders.schemas import PriceIn, ReducedIn
from apps.shop.models import Product, Variant
from apps.shop.products.current_variants import variants_of_all
from apps.shop.repositories import VARIANTS
from project.settings import settings

EITHER = _("Enter either a new price or a percentage.")
OVER = _("This moment is over.")
NOT_LOWER = _("A sale price must be lower: “{variant}” would cost no less than now.")


class Rounding(StrEnum):
    """What a price ends in, in hundredths: 49.60 becomes 49.90 by `90`."""

    exact = "exact"
    whole = "00"
    half = "50"
    ninety = "90"
    ninety_nine = "99"


class Before(StrEnum):
    """The price before that is shown beside the new one: the one that is there now, the price of now, or none."""

    stays = "stays"
    price = "price"
    none = "none"


class NewPricesIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Either a `price` in the currency of the site, or `percent` by which the prices in all currencies change.

    A price `before` is shown where it is higher than the new one. With `begins_at` or `ends_at` the new price holds
    for that time only, and the one of now comes back by itself.
    """

    price: Annotated[Amount | None, Meta(examples=[None])] = None
    percent: Annotated[float, Meta(ge=-90, le=1000)] | None = None
    rounding: Rounding = Rounding.exact
    before: Before
    begins_at: Annotated[AwareDatetime | None, Meta(examples=[None])] = None
    ends_at: Annotated[AwareDatetime | None, Meta(examples=[None])] = None

    @property
    def is_for_a_time(self) -> bool:
        return self.begins_at is not None or self.ends_at is not None


@dataclass(frozen=True, slots=True)
class Repriced:
    """One price of a variant, which was loaded with its prices."""

    variant: Variant
    currency: str
    old: PriceIn
    new: PriceIn


async def plan(session: AsyncSession, products: Sequence[Product], data: NewPricesIn) -> Sequence[Repriced]:
    """What would change; what is in the archive keeps its price. Raises InArchive, Invalid."""
    if errors := list(_unclear(data)):
        raise Invalid(errors=errors)
    repriced = [
        Repriced(variant, currency, old, _new(old, currency, data))
        for variant in await _variants_of(session, products)
        for currency, old in prices_of(variant).items()
    ]
    if errors := [
        FieldError("percent" if data.price is None else "price", NOT_LOWER, {"variant": each.variant.title})
        for each in repriced
        if each.new.reduced and each.new.reduced.amount >= each.new.amount
    ]:
        raise Invalid(errors=errors[:MOST_ERRORS])
    return [each for each in repriced if each.new != each.old]


async def reprice(
    session: AsyncSession, products: Sequence[Product], data: NewPricesIn, *, actor: str
) -> Sequence[Repriced]:
    """The products are locked. What was changed, in as many statements as for one. Raises as `plan` does."""
    return await _write(session, await plan(session, products, data), actor=actor)


async def products_on_sale(session: AsyncSession, ids: Sequence[UUID]) -> Collection[UUID]:
    """Those of them with a variant in use that is cheaper for a time, or will be."""
    found = select(Variant.product_id).join(OfferPrice, OfferPrice.offer_id == Variant.offer_id)
    reduced = found.where(among(VARIANTS.c.product_id, ids), OfferPrice.reduced.is_not(None))
    return set(await session.scalars(reduced.where(Variant.archived_at.is_(None))))


async def plan_end(session: AsyncSession, products: Sequence[Product]) -> Sequence[Repriced]:
    """What would change if nothing was cheaper for a time any more. Raises InArchive."""
    return [
        Repriced(variant, currency, old, replace(old, reduced=None))
        for variant in await _variants_of(session, products)
        for currency, old in prices_of(variant).items()
        if old.reduced
    ]


async def end_sale(session: AsyncSession, products: Sequence[Product], *, actor: str) -> Sequence[Repriced]:
    """The products are locked. What is cheaper for a time, or will be, is not any more. Raises InArchive."""
    return await _write(session, await plan_end(session, products), actor=actor)


async def _variants_of(session: AsyncSession, products: Sequence[Product]) -> Sequence[Variant]:
    for product in products:
        refuse_archived(product)
    return await variants_of_all(session, [product.id for product in products], ArchiveFilter.in_use)


async def _write(session: AsyncSession, repriced: Sequence[Repriced], *, actor: str) -> Sequence[Repriced]:
    """One audit entry for each variant."""
    rows = [{"offer_id": each.variant.id, "currency": each.currency, **columns_of(each.new)} for each in repriced]
    await update_rows(await session.connection(), PRICES, rows)
    before = {each.variant: terms_of(each.variant)["prices"] for each in repriced}
    new = {(each.variant.id, each.currency): each.new for each in repriced}
    for variant, old in before.items():
        for price in variant.prices:
            if wanted := new.get((variant.id, price.currency)):
                for name, value in columns_of(wanted).items():
                    set_committed_value(price, name, value)  # as it was just written
        after = {"prices": terms_of(variant)["prices"]}
        record(session, "shop.change_variant", variant, actor=actor, before={"prices": old}, after=after)
    await session.flush()
    return repriced


def _unclear(data: NewPricesIn) -> Iterator[FieldError]:
    if (data.price is None) == (data.percent is None):
        yield FieldError("price", EITHER)
    impossible = errors_in_datetimes(begins_at=data.begins_at, ends_at=data.ends_at)
    yield from impossible
    if not impossible and data.begins_at and data.ends_at and data.begins_at >= data.ends_at:
        yield FieldError("ends_at", ENDS_FIRST)
    elif not impossible and data.ends_at and data.ends_at <= datetime.now(UTC):
        yield FieldError("ends_at", OVER)


def _new(old: PriceIn, currency: str, data: NewPricesIn) -> PriceIn:
    """A price for a time that would not be lower than the new one any more goes."""
    amount = _amount(old, currency, data)
    if amount is None:
        return old
    before = _before(old, amount, data)
    if data.is_for_a_time:
        times = {"begins_at": data.begins_at, "ends_at": data.ends_at}
        return replace(old, reduced=ReducedIn(amount=amount, compare_at=before, **times))
    minimum = None if old.minimum is None else min(old.minimum, amount)
    reduced = old.reduced if old.reduced and old.reduced.amount < amount else None
    return PriceIn(amount, minimum, before, reduced)


def _before(old: PriceIn, amount: int, data: NewPricesIn) -> int | None:
    before = {Before.stays: old.compare_at, Before.price: old.amount, Before.none: None}[data.before]
    return before if before is not None and before > amount else None


def _amount(old: PriceIn, currency: str, data: NewPricesIn) -> int | None:
    """None where it stays."""
    if data.percent is None:
        return data.price if currency == settings.currency else None
    exact = old.amount * (1 + Decimal(str(data.percent)) / 100)
    return rounded(int(exact.to_integral_value(rounding=ROUND_HALF_UP)), currency, data.rounding)


def rounded(amount: int, currency: str, rounding: Rounding) -> int:
    """To the nearest that ends so, upwards from the middle; what costs something goes on to cost something."""
    if rounding is Rounding.exact or amount == 0:
        return amount
    whole: int = 10 ** get_currency_precision(currency)
    ending = int(rounding) * whole // 100
    lower = (amount - ending) // whole * whole + ending
    nearest = lower if 2 * (amount - lower) < whole else lower + whole
    return nearest if nearest > 0 else nearest + whole
