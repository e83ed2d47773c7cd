"""Postal addresses as people write them."""

from collections.abc import Mapping
from typing import Any

from apps.core.text.countries import country_name


def address_text(address: Mapping[str, Any], locale: str) -> str:
    """On one line, with the name of the country; `line2`, `region` and `postal_code` may be missing."""
    town = f"{address.get('postal_code', '')} {address['city']}".strip()
    country = country_name(address["country"], locale)
    parts = (address["line1"], address.get("line2"), town, address.get("region"), country)
    return ", ".join(part for part in parts if part)
