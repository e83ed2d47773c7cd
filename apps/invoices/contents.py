"""What stands on an invoice, as its row keeps it. Amounts are minor units of the invoice's currency."""

from collections.abc import Sequence
from uuid import UUID

import msgspec


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """As the settings were when the invoice was issued."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str
    tax_number: str
    register: str
    email: str
    footer: str


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """The address is as the order has it; where nothing was sent there is only the `country`, the seller's."""

    name: str
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`unit_price` and `total` include `tax`. `order_line` is None for shipping, and for a part of an amount."""

    title: str
    quantity: int
    unit_price: int
    total: int
    tax: int
    category: str
    percent: str
    order_line: UUID | None = None

    @property
    def net(self) -> int:
        return self.total - self.tax


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """All lines of a `category` of EN 16931 (S, Z, E, O) and rate; `reason` says why there is none."""

    category: str
    percent: str
    net: int
    tax: int
    reason: str = ""

    @property
    def total(self) -> int:
        return self.net + self.tax


def taxes_of(lines: Sequence[Line], reason: str) -> list[Tax]:
    """One for each category and rate, in the order of the lines."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.category, line.percent), []).append(line)
    return [
        Tax(
            category=category,
            percent=percent,
            net=sum(line.net for line in group),
            tax=sum(line.tax for line in group),
            reason=reason if category in ("E", "O") else "",
        )
        for (category, percent), group in groups.items()
    ]
