"""Cursors name a row's key and come back as they were; everything else is refused, never a failure."""

from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from apps.core.http.pagination import BadCursor, cursor, cursor_key, typed_key

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


def test_a_key_is_read_as_what_the_list_goes_by() -> None:
    id, moment = uuid4(), datetime(2026, 12, 12, 20, tzinfo=UTC)
    assert typed_key(cursor("7", moment.isoformat(), str(id)), int, datetime, UUID) == [7, moment, id]


@pytest.mark.parametrize("key", [("x", "a"), ("9" * 30, "a"), ("1.5", "a"), ("1", "no id"), ("1",)])
def test_a_key_of_other_kinds_is_refused(key: tuple[str, ...]) -> None:
    with pytest.raises(BadCursor):
        typed_key(cursor(*key), Annotated[int, Meta(le=2**63 - 1)], UUID)
