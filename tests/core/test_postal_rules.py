"""Addresses are judged by what their country needs, and no more strictly than people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text.postal_rules import countries_with_post, errors_in_address, errors_in_customer, regions_of

KIEL = {"line1": "Am Kai 1", "city": "Kiel", "postal_code": "24103", "country": "DE"}


def wrong(**facts: str) -> set[str]:
    return set(errors_in_address(KIEL | facts))


def test_nonsense_is_named_field_by_field() -> None:
    assert wrong(line1="x", city="?", postal_code="!!!", country="AQ") == {"line1", "city", "postal_code"}
    assert wrong(country="ZZ") == {"country"}
    assert wrong(country="xx") == {"country"}


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"line1": "5A"},
        {
            "line1": "ул. Ленина, 1",
            "city": "Самара",
            "postal_code": "443001",
            "country": "RU",
            "region": "Самарская обл.",
        },
        {"postal_code": " sw1a 1aa ", "country": "GB", "city": "London"},
        {"postal_code": "95014", "country": "US", "city": "Cupertino", "region": "CA"},
        {"postal_code": "95014-1234", "country": "US", "city": "Cupertino", "region": "california"},
        {"postal_code": "", "country": "HK", "city": "Hong Kong", "region": "Kowloon"},
        {"postal_code": "", "country": "IE", "city": "Cork", "region": "Co. Cork"},
        {"postal_code": "00144", "country": "IT", "city": "Roma", "region": "RM"},
        {"postal_code": "100-0001", "country": "JP", "city": "千代田区", "region": "東京都"},
        {"postal_code": "", "country": "AQ", "city": "McMurdo Station"},
    ],
)
def test_what_people_write_is_taken(address: dict[str, str]) -> None:
    assert errors_in_address(KIEL | address) == {}


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ({"postal_code": "2410"}, {"postal_code"}),
        ({"postal_code": ""}, {"postal_code"}),
        ({"country": "US", "postal_code": "95014"}, {"region"}),
        ({"country": "US", "postal_code": "95014", "region": "Bavaria"}, {"region"}),
        ({"country": "US", "postal_code": "10001", "region": "CA"}, {"postal_code"}),
        ({"country": "RU", "postal_code": "443001", "region": "..."}, {"region"}),
        ({"country": "RU", "postal_code": "1", "region": ""}, {"region", "postal_code"}),
    ],
)
def test_what_a_country_needs_is_asked_for(address: dict[str, str], fields: set[str]) -> None:
    assert wrong(**address) == fields


def test_the_sentence_names_an_example() -> None:
    told = errors_in_address(KIEL | {"postal_code": "1"})["postal_code"]
    assert told.in_locale("en") == "A postal code there looks like 26133."
    assert told.in_locale("ru") == "Почтовый индекс там выглядит так: 26133."


@pytest.mark.parametrize(
    ("name", "is_wrong"), [(".", True), ("42", True), ("", False), ("Ы", False), ("O'Neil", False)]
)
def test_a_name_has_a_letter(name: str, is_wrong: bool) -> None:
    assert [error.field for error in errors_in_customer(name, None)] == ["name"] * is_wrong


def test_regions_are_offered_where_they_are_needed() -> None:
    assert "California" in regions_of("US")
    assert regions_of("DE") == regions_of("nowhere") == []


def test_every_country_has_rules() -> None:
    assert {"DE", "RU", "US", "HK", "UA"} <= countries_with_post()
    for country in countries_with_post():
        errors_in_address(KIEL | {"country": country})


@given(region=st.text(), code=st.text(), country=st.sampled_from(["US", "GB", "CN", "RU", "KR", "HK", "AQ"]))
def test_anything_may_be_typed(region: str, code: str, country: str) -> None:
    errors_in_address({"line1": region, "city": code, "region": region, "postal_code": code, "country": country})
