"""Every bad field is named at once, with a sentence for people, in their language."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta, Struct

from apps.core.errors import FieldError
from apps.core.http.json_body import NotJson, body_errors, is_plain
from apps.core.http.validation import MOST_ERRORS, SENTENCES, error_in_text, errors_in
from apps.core.text.i18n import merged
from apps.core.text.string_types import Currency, Email


class Size(StrEnum):
    s = "s"
    m = "m"


class Line(Struct, forbid_unknown_fields=True):
    offer: UUID
    quantity: Annotated[int, Meta(ge=1, le=10)] = 1
    size: Size | None = None


class Cart(Struct, forbid_unknown_fields=True):
    email: Annotated[str, Meta(min_length=1, max_length=20, pattern="^[^@]+@[^@]+$")]
    lines: Annotated[list[Line], Meta(min_length=1, max_length=2)] | None = None
    first: Line | None = None
    prices: Mapping[Currency, Line] = {}
    notes: dict[Annotated[str, Meta(max_length=2)], Annotated[str, Meta(max_length=5)]] = {}


ZONED = "Must be a time with its zone: 2026-12-12T20:00:00Z."
OFFER = "0190b5a2-7b3c-7d4e-8f5a-123456789abc"


def told(errors: list[FieldError]) -> dict[str, str]:
    return {each["field"]: each["message"] for each in (error.in_locale("en") for error in errors)}


class TestErrors:
    def test_what_is_right_has_none(self) -> None:
        assert errors_in({"email": "a@b", "lines": [{"offer": OFFER, "size": None}], "first": None}, Cart) == []

    def test_all_are_named_with_their_path(self) -> None:
        lines = [{"offer": "x", "quantity": 0, "size": "xl"}, {"quantity": "2", "colour": "red"}, {"offer": OFFER}]
        wrong = {"lines": lines, "first": [], "notes": {"eng": 1, "en": "too long"}, "prices": {"eur": {}}}
        assert told(errors_in(wrong, Cart)) == {
            "email": "This is required.",
            "lines": "Too many: at most 2.",
            "lines[0].offer": "Must be a UUID.",
            "lines[0].quantity": "Must be at least 1.",
            "lines[0].size": "Must be one of: s, m.",
            "lines[1].offer": "This is required.",
            "lines[1].quantity": "Must be a whole number.",
            "lines[1].colour": "There is no such field.",
            "first": "Must be an object.",
            "prices.eur": "A currency is three capital letters: EUR.",
            "prices.eur.offer": "This is required.",
            "notes.eng": "Must be a text.",
            "notes.en": "Must have at most 5 characters.",
        }

    @pytest.mark.parametrize(
        ("value", "kind", "sentence"),
        [
            ("1", int, "Must be a whole number."),
            (1.0, int, "Must be a whole number."),
            (True, int, "Must be a whole number."),
            (9, Annotated[int, Meta(lt=5)], "Must be at most 4."),
            ("x", float, "Must be a number."),
            (-91.5, Annotated[float, Meta(ge=-90)], "Must be at least -90."),
            ("x", Annotated[Annotated[int, Meta(ge=1)] | None, Meta(examples=[None])], "Must be a whole number."),
            (1, bool, "Must be true or false."),
            (1, str, "Must be a text."),
            ("", Annotated[str, Meta(min_length=1)], "Must not be empty."),
            ("a", Annotated[str, Meta(min_length=2)], "Must have at least 2 characters."),
            ("secret", Annotated[str, Meta(pattern="^a")], "This does not look right."),
            ("a\0b", str, "This contains characters that no text has."),
            ({}, list[int], "Must be a list."),
            ([], Annotated[list[int], Meta(min_length=1)], "Too few: at least 1."),
            (3, UUID, "Must be a UUID."),
            ("x", Literal["a", "b"], "Must be one of: a, b."),
            ("x", datetime, ZONED),
            ("2026-12-12T20:00:00", Annotated[datetime, Meta(tz=True)], ZONED),
            ("12.12.2026", date, "Must be a date: 2026-12-12."),
            ([], int | str, "This does not look right."),
        ],
    )  # fmt: skip
    def test_each_has_a_sentence(self, value: Any, kind: Any, sentence: str) -> None:
        assert told(errors_in(value, kind, "field")) == {"field": sentence}

    def test_there_is_an_end_to_them(self) -> None:
        assert len(errors_in(["x"] * 100_000, list[int])) == MOST_ERRORS

    def test_their_russian_fills_the_same_gaps(self) -> None:
        (error,) = errors_in(0, Annotated[int, Meta(ge=1)], "a")
        assert error.in_locale("ru") == {"field": "a", "message": "Не меньше 1."}
        known = {message.id for message in merged("ru")}
        assert {sentence.source for _, sentence in SENTENCES} <= known


class TestText:
    """Query, path, header and form: JSON's spelling of numbers and nothing else."""

    @pytest.mark.parametrize("text", ["1e9", "1.0", "1_000", " 1", "+1", "01", "١", "１", "", "null", "0x1", "9" * 20])
    def test_integers_have_one_spelling(self, text: str) -> None:
        assert error_in_text(text, Annotated[int, Meta(ge=0, le=10**9)] | None, "n")

    @pytest.mark.parametrize("text", ["True", "1", "yes", "null", ""])
    def test_truth_has_one_spelling(self, text: str) -> None:
        assert error_in_text(text, bool | None, "b")

    @pytest.mark.parametrize(("text", "kind"), [("-5", int), ("true", bool), (OFFER, UUID | None), ("m", Size)])
    def test_what_is_right_passes(self, text: str, kind: Any) -> None:
        assert error_in_text(text, kind, "x") is None

    def test_null_is_a_text_like_another(self) -> None:
        assert error_in_text("null", UUID | None, "id")
        assert error_in_text("null", str | None, "name") is None


class TestBodies:
    decoder = msgspec.json.Decoder(Line)

    def test_a_name_that_comes_twice_is_refused(self) -> None:
        body = b'{"offer": "%s", "quantity": 1, "quantity": 2}' % OFFER.encode()
        assert not is_plain(body)
        assert told(body_errors(body, self.decoder)) == {"quantity": "This is given more than once."}

    @pytest.mark.parametrize(
        ("body", "line", "column"),
        [(b'{"offer": x}', 1, 11), (b'{"offer": 1,\n "b": 2,}', 2, 9), (b'{"offer"', 1, 9)],
    )
    def test_what_is_no_json_is_told_where(self, body: bytes, line: int, column: int) -> None:
        with pytest.raises(NotJson) as refused:
            body_errors(body, self.decoder)
        assert refused.value.details == {"line": line, "column": column}

    def test_depth_is_counted_outside_of_texts(self) -> None:
        assert is_plain(b'{"a": "%s"}' % (b"[" * 100))
        assert not is_plain(b'{"a": %s1%s}' % (b"[" * 32, b"]" * 32))

    def test_nul_is_found_however_it_is_hidden(self) -> None:
        assert not is_plain(b'{"a": "\\u0000"}')


@pytest.mark.parametrize("kind", [Email, Email | None])
def test_a_type_says_itself_what_it_wants(kind: Any) -> None:
    (error,) = errors_in("nobody", kind, "email")
    assert error.message.source == "An email address looks like name@example.org."
