"""What stands in one cell of Shopify's CSV, as a value; BadValue with a sentence for people when it cannot be one."""

import re
from decimal import Decimal

from apps.core.importing import BadValue, text
from apps.core.money import minor_units
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

LARGEST = 2**31 - 1
LONGEST_ADDRESS = 2000
YES = frozenset({"true", "yes", "1", "continue"})
NO = frozenset({"false", "no", "0", "deny"})


def flag(value: str, name: Lazy, *, default: bool) -> bool:
    if not value:
        return default
    if value.casefold() not in YES | NO:
        raise BadValue(_("{name}: '{value}' is neither true nor false").format(name=name, value=value[:40]))
    return value.casefold() in YES


def whole(value: str, name: Lazy, *, least: int = 0) -> int | None:
    """A whole number; a fraction, as newer files have for weights, is rounded."""
    if not value:
        return None
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", value):
        raise BadValue(_("{name} '{value}' is not a number").format(name=name, value=value[:40]))
    number = round(Decimal(value))
    if not least <= number <= LARGEST:
        raise BadValue(_("{name} {value} is out of range").format(name=name, value=number))
    return number


def amount(value: str, name: Lazy, currency: str) -> int:
    """`19.90` → minor units of `currency`."""
    if not value:
        raise BadValue(_("{price} is empty").format(price=name))
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{0,6})?", value):
        sentence = _("{price} '{value}' is not a number (a price is written 19.90)")
        raise BadValue(sentence.format(price=name, value=value[:40]))
    units = minor_units(Decimal(value), currency)
    if units > LARGEST:
        raise BadValue(_("{price} {value} is too high").format(price=name, value=value))
    return units


def address(value: str) -> str:
    """An address a picture can be fetched from: http(s), or a path on this site."""
    if value.startswith("//"):
        value = f"https:{value}"
    if value and not re.match(r"(https?:/)?/[^/\s]", value):
        raise BadValue(_("the image's address '{value}' is not a URL").format(value=value[:60]))
    if len(value.encode()) > LONGEST_ADDRESS:
        raise BadValue(_("the image's URL is longer than {limit} bytes").format(limit=LONGEST_ADDRESS))
    return value


def tags(value: str) -> list[str]:
    each = (text(tag, _("a tag"), limit=255) for tag in value.split(","))
    return list(dict.fromkeys(tag for tag in each if tag))
