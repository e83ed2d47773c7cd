"""Prices of offers in the back office's tables."""

from apps.backoffice.formats import NOTHING
from apps.core.i18n import lazy as _
from apps.core.money import format_money
from apps.orders.models import Offer, OfferPrice

WITH_BEFORE = _("{price} (before {before})")


def prices_text(offer: Offer, locale: str) -> str:
    """In every currency that it has a price in; it was loaded with them."""
    prices = sorted(offer.prices, key=lambda price: price.currency)
    return ", ".join(_price_text(each, locale) for each in prices) or NOTHING


def _price_text(price: OfferPrice, locale: str) -> str:
    text = format_money(price.amount, price.currency, locale=locale)
    if price.compare_at is None:
        return text
    before = format_money(price.compare_at, price.currency, locale=locale)
    return WITH_BEFORE.in_locale(locale).format(price=text, before=before)
