"""Prices of offers in the back office's tables."""

from apps.backoffice.formats import NOTHING
from apps.core.money import format_money
from apps.orders.models import Offer


def prices_text(offer: Offer, locale: str) -> str:
    """In every currency that it has a price in; it was loaded with them."""
    prices = sorted(offer.prices, key=lambda price: price.currency)
    return ", ".join(format_money(each.amount, each.currency, locale=locale) for each in prices) or NOTHING
