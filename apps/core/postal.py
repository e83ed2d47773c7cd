"""Postal addresses as people write them."""

from collections.abc import Mapping
from typing import Any

from babel import Locale


def address_text(address: Mapping[str, Any], locale: str) -> str:
    """On one line, with the name of the country; `line2` and `region` may be missing."""
    town = f"{address['postal_code']} {address['city']}"
    country = Locale.parse(locale).territories.get(address["country"], address["country"])
    parts = (address["line1"], address.get("line2"), town, address.get("region"), country)
    return ", ".join(part for part in parts if part)
