"""Webhook signatures of the demo provider: fresh, of this very body, and anything may be sent."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments.demo import signature as demo
from apps.payments.demo.signature import TOLERANCE, is_signed, signature

MOMENT = 1_800_000_000


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.time, "time", lambda: float(MOMENT))


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("age", "taken"),
    [(0, True), (TOLERANCE, True), (-TOLERANCE, True), (TOLERANCE + 1, False), (-TOLERANCE - 1, False)],
)
def test_five_minutes_of_tolerance_either_way(age: int, taken: bool) -> None:
    assert is_signed(signature(b"{}", at=MOMENT - age), b"{}") is taken


@given(body=st.binary(), other=st.binary())
def test_it_is_of_this_body(body: bytes, other: bytes) -> None:
    header = signature(body, at=int(time.time()))
    assert is_signed(header, body)
    assert is_signed(header, other) == (body == other)


def test_the_time_is_signed_too() -> None:
    now = int(time.time())
    mac = signature(b"{}", at=now).partition(",")[2]
    assert not is_signed(f"t={now + 1},{mac}", b"{}")


@given(header=st.text(st.characters(max_codepoint=255)), body=st.binary())
def test_any_header_may_be_sent(header: str, body: bytes) -> None:
    assert not is_signed(header, body)


@pytest.mark.parametrize("header", ["", ",", "t=", "t=,v1=", "t=1", "v1=x", "t=²,v1=x", "t=١,v1=x", f"t={'9' * 5000}"])
def test_half_a_header_is_none(header: str) -> None:
    assert not is_signed(header, b"{}")


def test_of_several_signatures_one_good_is_enough() -> None:
    """As while a secret is changed: one by the old, one by the new."""
    at = int(time.time())
    good = signature(b"{}", at=at).partition(",")[2]
    for header in (f"t={at},{good},v1=00", f"t={at},v1=00,{good}", f"v1=00,{good},t={at}", f"t={at}, v0=1, {good}"):
        assert is_signed(header, b"{}"), header
    assert not is_signed(f"t={at},v1=00,v1=11", b"{}")
    assert not is_signed(f"t={at},t={at + 1},{good}", b"{}")
