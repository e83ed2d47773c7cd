"""What an offer costs, takes, and when it is sold, as staff set it. Callers hold the lock of the row above it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.errors import FieldError
from apps.core.i18n import lazy as _
from apps.core.money import is_currency
from apps.orders.models import Offer, OfferPool, OfferPrice
from apps.orders.pools import missing_pools
from apps.orders.schemas import PriceIn

NO_CURRENCY = _("There is no such currency.")
NO_POOL = _("There is no such pool.")
ABOVE_AMOUNT = _("Must not be more than the amount.")
NEVER_OPEN = _("Must be later than the beginning of the sale.")


def terms_of(offer: Offer) -> dict[str, Any]:
    """`prices` and `recipe`, in an order of their own, as JSON values. The offer was loaded with them."""
    prices = {
        each.currency: {"amount": each.amount, "minimum": each.minimum, "compare_at": each.compare_at}
        for each in sorted(offer.prices, key=lambda price: price.currency)
    }
    recipe = {str(each.pool_id): each.units for each in sorted(offer.recipe, key=lambda pool: pool.pool_id)}
    return {"prices": prices, "recipe": recipe}


def set_terms(offer: Offer, prices: Mapping[str, PriceIn], recipe: Mapping[UUID, int]) -> None:
    """`offer` is new, or was loaded with its prices and recipe."""
    offer.prices = [
        OfferPrice(currency=currency, amount=price.amount, minimum=price.minimum, compare_at=price.compare_at)
        for currency, price in prices.items()
    ]
    offer.recipe = [OfferPool(pool_id=pool, units=units) for pool, units in recipe.items()]


async def errors_in_terms(
    session: AsyncSession,
    prices: Mapping[str, PriceIn],
    recipe: Collection[UUID],
    *,
    window: tuple[datetime | None, datetime | None],
) -> list[FieldError]:
    """All that is wrong. `window` is when the sale begins and ends. No pool of the recipe is archived meanwhile."""
    errors = list(_of_prices(prices))
    errors += [FieldError(f"recipe.{pool}", NO_POOL) for pool in await missing_pools(session, recipe)]
    begins, ends = window
    if begins and ends and begins >= ends:
        errors.append(FieldError("sale_until", NEVER_OPEN))
    return errors


def _of_prices(prices: Mapping[str, PriceIn]) -> Iterator[FieldError]:
    for currency, price in prices.items():
        if not is_currency(currency):
            yield FieldError(f"prices.{currency}", NO_CURRENCY)
        if price.minimum is not None and price.minimum > price.amount:
            yield FieldError(f"prices.{currency}.minimum", ABOVE_AMOUNT)
