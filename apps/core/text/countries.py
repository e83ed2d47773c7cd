"""Countries: their ISO 3166 codes, and what they are called."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from babel import Locale

from apps.core.text.i18n import LOCALES

OTHER_NAMES = {
    "AT": ("Österreich",),
    "BA": ("Bosnia and Herzegovina",),
    "CI": ("Ivory Coast",),
    "CZ": ("Czech Republic",),
    "DE": ("Deutschland",),
    "GB": ("UK", "Great Britain", "England", "Scotland", "Англия"),
    "HK": ("Hong Kong",),
    "KR": ("Korea, Republic of",),
    "MO": ("Macau", "Macao"),
    "NL": ("The Netherlands",),
    "RU": ("Russian Federation", "РФ"),
    "TR": ("Turkey",),
    "US": ("USA", "United States of America", "США", "Америка"),
}
"""In use beside those of the Unicode locale data."""
NONE = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")
"""Codes of that data for what is no country."""


def country_name(code: str, locale: str) -> str:
    """By its ISO 3166 code."""
    return _territories(locale).get(code, code)


def country_as_typed(typed: str, locale: str) -> str:
    """The name in `locale` of a country that somebody typed; what is none that we know is left as it is."""
    code = _codes().get(_plain(typed))
    return country_name(code, locale) if code else typed


def names_of(typed: str) -> Sequence[str]:
    """All that this country may have been typed as."""
    code = _codes().get(_plain(typed))
    known = [_territories(locale)[code] for locale in LOCALES] if code else []
    return [typed, *known, *OTHER_NAMES.get(code or "", ()), *([code] if code else [])]


@cache
def _codes() -> Mapping[str, str]:
    """By name and by code."""
    found: dict[str, str] = {}
    for locale in LOCALES:
        found |= {_plain(name): code for code, name in _territories(locale).items()}
    others = {_plain(name): code for code, names in OTHER_NAMES.items() for name in names}
    return found | others | {_plain(code): code for code in found.values()}


@cache
def _territories(locale: str) -> Mapping[str, str]:
    """By code, without the parts of the world, which have numbers, and without what stands for none."""
    names = Locale.parse(locale).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NONE}


def _plain(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
