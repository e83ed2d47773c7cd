"""Money is counted in minor units, and none is lost when it is shared out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import format_money, included_tax, is_currency, minor_units, price_text, share

AMOUNTS = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20)


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_shares_sum_up_to_the_amount(amount: int, weights: list[int]) -> None:
    parts = share(amount, weights)
    assert sum(parts) == amount
    assert len(parts) == len(weights)
    assert all(part >= 0 for part in parts)


@given(amount=AMOUNTS, weights=WEIGHTS.filter(any))
def test_each_share_is_its_part_to_the_minor_unit(amount: int, weights: list[int]) -> None:
    for part, weight in zip(share(amount, weights), weights, strict=True):
        assert 0 <= abs(part * sum(weights) - amount * weight) < sum(weights)


def test_who_weighs_nothing_gets_nothing_unless_all_do() -> None:
    assert share(100, [1, 0, 2]) == [33, 0, 67]
    assert share(100, [0, 0]) == [100, 0]
    assert share(100, []) == []


@given(gross=AMOUNTS, percent=st.decimals(0, 100, places=2))
def test_the_tax_in_a_price_is_its_part_to_the_minor_unit(gross: int, percent: Decimal) -> None:
    tax = included_tax(gross, percent)
    assert 0 <= tax <= gross
    assert abs(tax * (100 + percent) - gross * percent) <= (100 + percent) / 2


@pytest.mark.parametrize(("currency", "units"), [("EUR", 1990), ("JPY", 20), ("KWD", 19900)])
def test_minor_units_are_the_currencys_own(currency: str, units: int) -> None:
    assert minor_units(Decimal("19.90"), currency) == units


@given(amount=st.integers(0, 10**9), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_money_reads_back_as_it_was_written(amount: int, currency: str) -> None:
    digits = "".join(each for each in format_money(amount, currency, locale="en") if each in "0123456789.")
    assert minor_units(Decimal(digits), currency) == amount


def test_currencies_are_known_by_their_code() -> None:
    assert is_currency("EUR")
    assert not is_currency("XYZ")


def test_no_price_has_no_text() -> None:
    assert price_text(None, "EUR", "en") is None
    assert (price_text(2800, "EUR", "en"), price_text(2800, "EUR", "ru")) == ("€28.00", "28,00\xa0€")
