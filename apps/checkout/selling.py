"""The rules every sale obeys, whether a line enters a cart or an order, and the errors they raise."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.orders.quote import STANDARD, Item, Quote, quote
from apps.orders.repositories import OfferTerms
from project.settings import settings


class OfferGone(AppError):
    status = 404
    type = "offer-not-found"
    message = _("This is not for sale here.")


class OfferRefused(AppError):
    """Names the `offer` that is the trouble, to people by its title in their language."""

    def __init__(self, offer: OfferTerms, **details: Any) -> None:
        super().__init__(offer=str(offer.id), **details)
        self._offer = offer

    def sentence(self, locale: str) -> str:
        return self.message.in_locale(locale).format_map({**self.details, "title": self._offer.title_in(locale)})


class NotOnSale(OfferRefused):
    status = 409
    type = "not-on-sale"
    message = _("“{title}” is not on sale at the moment.")


class NoPrice(OfferRefused):
    status = 409
    type = "no-price"
    message = _("“{title}” has no price in {currency}.")


class PriceNotNamed(OfferRefused):
    status = 422
    type = "price-not-allowed"
    message = _("“{title}” has a fixed price.")


class PriceTooLow(OfferRefused):
    status = 422
    type = "price-too-low"
    message = _("The price you name for “{title}” is too low.")


class TooMany(OfferRefused):
    status = 409
    type = "order-limit"
    message = _("At most {limit} of “{title}” per order.")


class CustomerLimit(OfferRefused):
    status = 409
    type = "customer-limit"
    message = _("At most {limit} of “{title}” per customer.")


class SoldOut(OfferRefused):
    """`left`: how many pieces could still be had."""

    status = 409
    type = "sold-out"
    message = _("“{title}” is sold out, or not enough are left ({left}).")


def refuse_unsellable(offer: OfferTerms, *, at: datetime) -> None:
    opened = offer.sale_from is None or offer.sale_from <= at
    closed = offer.sale_until is not None and offer.sale_until <= at
    if not offer.active or not opened or closed:
        raise NotOnSale(offer)


def unit_price(offer: OfferTerms, currency: str, *, named: int | None) -> int:
    """The offer's price in `currency`, or the one the fan named where naming is asked for."""
    price = offer.prices.get(currency)
    if price is None:
        raise NoPrice(offer, currency=currency)
    if price.minimum is None:
        if named is not None:
            raise PriceNotNamed(offer)
        return price.amount
    if named is not None and named < price.minimum:
        raise PriceTooLow(offer, minimum=price.minimum)
    return price.amount if named is None else named


def refuse_over_limits(offer: OfferTerms, quantity: int, *, bought: int = 0) -> None:
    """`bought`: what the customer has of it besides."""
    if quantity > offer.max_per_order:
        raise TooMany(offer, limit=offer.max_per_order)
    if offer.max_per_customer and bought + quantity > offer.max_per_customer:
        raise CustomerLimit(offer, limit=offer.max_per_customer)


def sold_out(offers: Iterable[OfferTerms], left: Mapping[UUID, int]) -> SoldOut:
    """The error for the first of `offers` that takes from a pool which is short."""
    offer = next(each for each in offers if each.recipe.keys() & left.keys())
    pieces = min(left[pool] // units for pool, units in offer.recipe.items() if pool in left)
    return SoldOut(offer, left=pieces)


def price_up(items: Iterable[tuple[OfferTerms, int, int]], *, ships: bool) -> Quote:
    """The quote for (offer, quantity, unit price) lines."""
    priced = [
        Item(quantity, price, offer.tax_class, needs_shipping=ships and offer.needs_shipping)
        for offer, quantity, price in items
    ]
    return quote(priced, shipping_price=settings.shipping_price, tax_percent=tax_percents())


@cache
def tax_percents() -> Mapping[str, Decimal]:
    return {STANDARD: Decimal(settings.tax_percent)}
