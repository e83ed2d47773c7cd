"""The language of a visitor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text.i18n import LOCALES, lazy, preferred_locale


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("de-DE,de;q=0.9,ru;q=0.5,en;q=0.3", "ru"),
        ("en;q=0.1, ru;q=0.9", "ru"),
        ("ru;q=0, en;q=0.1", "en"),
        ("en,ru", "en"),
        ("ru,en", "ru"),
        ("de,fr", "en"),
        ("*", "en"),
        ("ru;q=nonsense", "en"),
        ("ru;q=nan", "en"),
    ],
)
def test_the_best_of_our_languages(header: str, locale: str) -> None:
    assert preferred_locale(header, default="en") == locale


def test_the_bands_own_language_when_none_fits() -> None:
    assert preferred_locale("de", default="ru") == "ru"


@given(header=st.text())
def test_any_header_has_an_answer(header: str) -> None:
    assert preferred_locale(header, default="en") in LOCALES


def test_a_sentence_in_a_sentence_is_translated_with_it() -> None:
    inner = lazy("This concert is {state}: that cannot be done with it.").format(state=lazy("postponed"))
    outer = lazy("A payment failed. {failure}").format(failure=inner)
    assert outer.in_locale("en") == "A payment failed. This concert is postponed: that cannot be done with it."
    assert outer.in_locale("ru") == "Платёж не прошёл. Этот концерт перенесён: с ним этого сделать нельзя."


@given(value=st.text())
def test_what_fills_a_gap_is_taken_as_it_is(value: str) -> None:
    assert lazy("It is {value}.").format(value=value).in_locale("en") == f"It is {value}."


def test_a_sentence_without_translation_stays_as_it_is() -> None:
    assert lazy("Nobody ever translated this.").in_locale("ru") == "Nobody ever translated this."
