"""New prices for all variants of a product at once."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.archive import Shelf, refuse_archived
from apps.core.audit import record
from apps.core.errors import FieldError, Invalid
from apps.core.i18n import lazy as _
from apps.core.texts import Amount
from apps.orders.models import OfferPrice
from apps.orders.terms import terms_of
from apps.shop.models import Product
from apps.shop.staff_reads import variants_of
from project.settings import settings

EITHER = _("Give either a new price, or by how many per cent the old ones change.")


class NewPricesIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Either a `price` in the currency of the site, or `percent` by which the prices in all currencies change.

    With `keeps_before` the old price is shown beside a lower one; else the price before goes, where there was one.
    """

    price: Amount | None = None
    percent: Annotated[float, Meta(ge=-90, le=1000)] | None = None
    keeps_before: bool = False


async def reprice(session: AsyncSession, product: Product, wanted: NewPricesIn, *, actor: str) -> None:
    """The product is locked. What is in the archive keeps its price. Raises InArchive, Invalid."""
    refuse_archived(product)
    if (wanted.price is None) == (wanted.percent is None):
        raise Invalid(errors=[FieldError("price", EITHER)])
    for variant in await variants_of(session, product.id, Shelf.in_use):
        before = terms_of(variant)["prices"]
        for price in variant.prices:
            _change(price, wanted)
        if (after := terms_of(variant)["prices"]) != before:
            record(
                session, "shop.change_variant", variant, actor=actor, before={"prices": before}, after={"prices": after}
            )
    await session.flush()


def _change(price: OfferPrice, wanted: NewPricesIn) -> None:
    amount = _amount(price, wanted)
    if amount is None or amount == price.amount:
        return
    price.compare_at = price.amount if wanted.keeps_before and price.amount > amount else None
    price.amount = amount
    if price.minimum is not None:
        price.minimum = min(price.minimum, amount)


def _amount(price: OfferPrice, wanted: NewPricesIn) -> int | None:
    """To the nearest minor unit; None where it stays."""
    if wanted.percent is None:
        return wanted.price if price.currency == settings.currency else None
    factor = 1 + Decimal(str(wanted.percent)) / 100
    return int((price.amount * factor).to_integral_value(rounding=ROUND_HALF_UP))
