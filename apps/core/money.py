"""Money: an integer of minor units beside an ISO 4217 currency, never a float."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision, list_currencies


def is_currency(code: str) -> bool:
    return code in list_currencies()


def minor_units(amount: Decimal, currency: str) -> int:
    """`Decimal("19.90")`, "EUR" → 1990."""
    scaled = amount.scaleb(get_currency_precision(currency))
    return int(scaled.to_integral_value(rounding=ROUND_HALF_UP))


def format_money(amount: int, currency: str, *, locale: str) -> str:
    """1990, "EUR", "en" → `€19.90`."""
    return format_currency(Decimal(amount).scaleb(-get_currency_precision(currency)), currency, locale=locale)


@lru_cache(maxsize=4096)
def price_text(amount: int | None, currency: str, locale: str) -> str | None:
    """The same for lists, where the same prices come again and again; None where there is no price."""
    return None if amount is None else format_money(amount, currency, locale=locale)


def included_tax(gross: int, percent: Decimal) -> int:
    """The tax inside a price that includes it, to the nearest minor unit."""
    if not percent:
        return 0
    return int((gross * percent / (100 + percent)).to_integral_value(rounding=ROUND_HALF_UP))


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` split in proportion to `weights`; the parts sum to it (largest remainder first)."""
    whole = sum(weights)
    if not whole:
        return [amount, *[0] * (len(weights) - 1)] if weights else []
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts
