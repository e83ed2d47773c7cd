"""What counts as a text that says something."""

import msgspec
import pytest

from apps.core.text.string_types import FilledText


@pytest.mark.parametrize("text", ["Ada", " Ada ", "Ада", "…", "a\u00a0b"])
def test_texts_are_taken_as_they_are(text):
    assert msgspec.convert(text, FilledText) == text


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", "\ufeff", "\x85", "\x02", "a\x02b", "a\x1f", "a\n"])
def test_blank_and_control_characters_are_no_text(text):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, FilledText)
