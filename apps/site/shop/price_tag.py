"""What a product costs, as its page says it."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.shop.schemas import VariantOut


@dataclass(frozen=True, slots=True)
class PriceTag:
    """`before` is the price before of all that costs `lowest`, as in the list of products.

    `differs`: not everything costs the same, or not everything did before.
    """

    lowest: int
    highest: int
    before: int | None
    differs: bool


def price_tag(variants: Iterable[VariantOut]) -> PriceTag | None:
    """None where nothing has a price."""
    prices = [(each.price, max(each.price, each.compare_at or 0)) for each in variants if each.price is not None]
    if not prices:
        return None
    lowest = min(prices)[0]
    before = min(before for price, before in prices if price == lowest)
    return PriceTag(lowest, max(prices)[0], before if before > lowest else None, differs=len(set(prices)) > 1)
