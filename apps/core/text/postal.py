"""Postal addresses as people write them."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from apps.core.text.countries import country_name
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import END, SENTENCE, FilledText, Text


class Address(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Where a parcel goes; `country` is two letters (ISO 3166).

    `postal_code` and `region` are needed in countries that have them, and must be of that country.
    """

    line1: FilledText
    city: FilledText
    postal_code: Annotated[str, Meta(max_length=20, pattern=rf"^[^\x00-\x1f]*{END}")] = ""
    country: Annotated[
        str, Meta(pattern=rf"^[A-Z]{{2}}{END}", extra={SENTENCE: _("A country is two capital letters: DE.")})
    ]
    line2: Text = ""
    region: Text = ""


def address_text(address: Mapping[str, Any], locale: str) -> str:
    """On one line, with the name of the country; `line2`, `region` and `postal_code` may be missing."""
    town = f"{address.get('postal_code', '')} {address['city']}".strip()
    country = country_name(address["country"], locale)
    parts = (address["line1"], address.get("line2"), town, address.get("region"), country)
    return ", ".join(part for part in parts if part)
