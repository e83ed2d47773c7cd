"""Cursors name a row's key and come back as they were; everything else is refused, never a failure."""

from base64 import urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.pagination import BadCursor, cursor, cursor_key

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(key=st.lists(WORDS, max_size=4))
def test_a_cursor_reads_back(key: list[str]) -> None:
    assert cursor_key(cursor(*key), len(key)) == key


@given(key=st.lists(WORDS, max_size=4), size=st.integers(0, 5))
def test_a_key_of_another_size_is_refused(key: list[str], size: int) -> None:
    if size != len(key):
        with pytest.raises(BadCursor):
            cursor_key(cursor(*key), size)


@given(after=st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_anything_may_be_sent(after: str) -> None:
    with suppress(BadCursor):
        assert len(cursor_key(after, 2)) == 2


@pytest.mark.parametrize("after", ["", "W10", "nonsense", "é", cursor("a\0", "b"), "WzEsMl0", "eyJhIjoxfQ"])
def test_what_is_not_a_place_in_the_list_is_refused(after: str) -> None:
    with pytest.raises(BadCursor):
        cursor_key(after, 2)
