"""What a set of lines costs. Pure: prices in, sums out, exact to the minor unit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.core.money import included_tax
from apps.orders.repositories import OfferTerms

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class PricedLine:
    offer: OfferTerms
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class LineQuote:
    total: int
    tax: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Minor units; `tax` is inside `total` = `subtotal` + `shipping`."""

    lines: tuple[LineQuote, ...]
    subtotal: int
    shipping: int
    tax: int
    total: int


def quote(lines: Collection[PricedLine], *, shipping_price: int, tax_percent: Mapping[str, Decimal]) -> Quote:
    """`shipping_price` is charged once if anything has to be sent; `tax_percent` by tax class, inside the prices."""
    quoted = tuple(_line(line, tax_percent) for line in lines)
    subtotal = sum(line.total for line in quoted)
    shipping = shipping_price if any(line.offer.needs_shipping for line in lines) else 0
    tax = sum(line.tax for line in quoted) + included_tax(shipping, tax_percent.get(STANDARD, Decimal(0)))
    return Quote(quoted, subtotal, shipping, tax, subtotal + shipping)


def _line(line: PricedLine, tax_percent: Mapping[str, Decimal]) -> LineQuote:
    total = line.quantity * line.unit_price
    return LineQuote(total, included_tax(total, tax_percent.get(line.offer.tax_class, Decimal(0))))
