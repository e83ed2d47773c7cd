"""Signed tokens: only ours are taken, for what they were signed for, and nothing that is sent makes them raise."""

import os
import subprocess
import sys
from collections.abc import Sequence
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from apps.core.security.signing import Signed, derived_secret, sign, unsign
from project.settings import ROOT

NONCES = st.binary(min_size=8, max_size=8)
SIGN = """
import sys, json, uuid
from apps.core.security.signing import sign, unsign
print(json.dumps([sign("cart", uuid.UUID(int=7)), [unsign("cart", each) is not None for each in sys.argv[1:]]]))
"""


@given(id=st.uuids(), nonce=NONCES)
def test_what_was_signed_reads_back(id: UUID, nonce: bytes) -> None:
    token = sign("ticket", id, nonce)
    assert unsign("ticket", token) == Signed(id, nonce)
    assert len(token) == 55


@given(id=st.uuids(), nonce=NONCES, other=st.text().filter(lambda each: each != "ticket"))
def test_a_token_is_for_one_purpose(id: UUID, nonce: bytes, other: str) -> None:
    assert unsign(other, sign("ticket", id, nonce)) is None


@given(token=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_anything_may_be_sent(token: str) -> None:
    assert unsign("ticket", token) is None


@given(id=st.uuids(), nonce=NONCES, place=st.integers(0, 53), letter=st.sampled_from("AZaz09-_"))
def test_a_changed_letter_spoils_it(id: UUID, nonce: bytes, place: int, letter: str) -> None:
    """All but the last, of whose six bits two say nothing."""
    token = sign("ticket", id, nonce)
    changed = token[:place] + letter + token[place + 1 :]
    assert (unsign("ticket", changed) is None) == (changed != token)


@given(id=st.uuids(), cut=st.integers(0, 54))
def test_a_piece_of_a_token_is_none(id: UUID, cut: int) -> None:
    assert unsign("ticket", sign("ticket", id)[:cut]) is None
    assert unsign("ticket", sign("ticket", id)[cut + 1 :]) is None


def test_secrets_differ_by_purpose() -> None:
    assert derived_secret("one") != derived_secret("other")


@given(st.uuids(), st.sampled_from(["=", "====", "\n", "!!", " "]))
def test_a_token_has_one_spelling(id: UUID, extra: str) -> None:
    token = sign("cart", id)
    assert unsign("cart", token + extra) is None
    assert unsign("cart", token[:20] + extra + token[20:]) is None


def signed_under(secret_key: str, fallbacks: str = "", *, tokens: Sequence[str] = ()) -> tuple[str, list[bool]]:
    """A token that is written under these settings, and which of `tokens` are taken then."""
    secrets = {"SECRET_KEY": secret_key * 32, "SECRET_KEY_FALLBACKS": fallbacks * 32}
    program = [sys.executable, "-c", SIGN, *tokens]
    said = subprocess.run(program, cwd=ROOT, env={**os.environ, **secrets}, capture_output=True, check=True, timeout=60)
    token, taken = msgspec.json.decode(said.stdout)
    return token, taken


def test_tokens_outlive_their_secret_key_as_long_as_it_is_a_fallback() -> None:
    old, _ = signed_under("o")
    new, taken = signed_under("n", "o", tokens=[old])
    assert taken == [True]
    assert signed_under("n", tokens=[old, new])[1] == [False, True]
