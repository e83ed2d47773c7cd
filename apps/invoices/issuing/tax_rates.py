"""At which rate the tax of an order was reckoned. Pure."""

from decimal import Decimal
from typing import NamedTuple

from apps.core.money import included_tax

STANDARD_RATE = "S"


class UnknownRate(Exception):
    """None of the rates gives the tax that the order has."""


class Rate(NamedTuple):
    category: str
    percent: str


class TaxRates(NamedTuple):
    """`percents`: those that may have counted when an order was placed, the likeliest first."""

    percents: tuple[Decimal, ...]
    untaxed: str

    def rate_of(self, total: int, tax: int, *, is_taxed: bool) -> Rate:
        """Of a price with its tax; `is_taxed`: the thing is of the standard class now. Raises UnknownRate."""
        tried = (*self.percents, Decimal(0)) if is_taxed or tax else (Decimal(0),)
        percent = next((each for each in tried if included_tax(total, each) == tax), None)
        if percent is None:
            raise UnknownRate
        return Rate(STANDARD_RATE if percent else self.untaxed, _plain(percent))


def tax_rates(percent: str, former: str, untaxed: str) -> TaxRates:
    """As the settings say."""
    return TaxRates(tuple(Decimal(each) for each in (percent, former) if each), untaxed)


def _plain(percent: Decimal) -> str:
    """19.00 → 19, 5.50 → 5.5"""
    return f"{percent.normalize():f}"
