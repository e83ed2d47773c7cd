"""What a set of lines costs. Pure: prices in, sums out, exact to the minor unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.money import included_tax

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Item:
    quantity: int
    unit_price: int
    tax_class: str
    needs_shipping: bool


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


def quote(items: Sequence[Item], *, shipping_price: int, tax_percent: Mapping[str, Decimal]) -> Quote:
    """`shipping_price` is charged once if anything has to be sent; `tax_percent` by tax class, inside the prices."""
    lines = tuple(_line(item, tax_percent) for item in items)
    subtotal = sum(line.total for line in lines)
    shipping = shipping_price if any(item.needs_shipping for item in items) else 0
    tax = sum(line.tax for line in lines) + included_tax(shipping, tax_percent.get(STANDARD, Decimal(0)))
    return Quote(lines, subtotal, shipping, tax, subtotal + shipping)


def _line(item: Item, tax_percent: Mapping[str, Decimal]) -> LineQuote:
    total = item.quantity * item.unit_price
    return LineQuote(total, included_tax(total, tax_percent.get(item.tax_class, Decimal(0))))
