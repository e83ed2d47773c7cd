"""What stands in one cell of Shopify's CSV, as a value; BadValue with a sentence for people when it cannot be one."""

import re
from decimal import Decimal

from apps.core.importing import BadValue, text
from apps.core.money import minor_units

LARGEST = 2**31 - 1
YES = frozenset({"true", "yes", "1", "continue"})
NO = frozenset({"false", "no", "0", "deny"})


def flag(value: str, name: str, *, default: bool) -> bool:
    if not value:
        return default
    if value.casefold() not in YES | NO:
        raise BadValue(f"{name}: '{value[:40]}' is neither true nor false")
    return value.casefold() in YES


def whole(value: str, name: str, *, least: int = 0) -> int | None:
    """A whole number; a fraction, as newer files have for weights, is rounded."""
    if not value:
        return None
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", value):
        raise BadValue(f"{name} '{value[:40]}' is not a number")
    number = round(Decimal(value))
    if not least <= number <= LARGEST:
        raise BadValue(f"{name} {number} is out of range")
    return number


def amount(value: str, name: str, currency: str) -> int:
    """`19.90` → minor units of `currency`."""
    if not value:
        raise BadValue(f"{name} is empty")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{0,6})?", value):
        raise BadValue(f"{name} '{value[:40]}' is not a number (a price is written 19.90)")
    units = minor_units(Decimal(value), currency)
    if units > LARGEST:
        raise BadValue(f"{name} {value} is too high")
    return units


def address(value: str) -> str:
    """An address a picture can be fetched from: http(s), or a path on this site."""
    if value.startswith("//"):
        value = f"https:{value}"
    if value and not re.match(r"(https?:/)?/[^/\s]", value):
        raise BadValue(f"the address of the picture '{value[:60]}' is not one of the web")
    if len(value.encode()) > 2000:
        raise BadValue("the address of the picture is longer than 2000 bytes")
    return value


def tags(value: str) -> list[str]:
    each = (text(tag, "a tag", limit=255) for tag in value.split(","))
    return list(dict.fromkeys(tag for tag in each if tag))
