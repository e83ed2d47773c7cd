"""Access tokens: only those that we made, for this, and lately."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.sessions.tokens import AUDIENCE, CURRENT, KEYS, TYPE, Access, access_token, read_access_token
from apps.core.security.signing import derived_secret
from project.settings import settings

ACCESS = Access(UUID(int=1), UUID(int=2))
NOW = datetime.now(UTC)
GOOD = access_token(ACCESS, at=NOW)
HEADER = {"typ": TYPE, "kid": CURRENT}
CLAIMS = {
    "iss": settings.base_url,
    "aud": AUDIENCE,
    "sub": ACCESS.user_id.hex,
    "sid": ACCESS.session_id.hex,
    "iat": NOW,
    "exp": NOW + timedelta(days=1),
}


def made(*, header: dict = {}, key: bytes | None = KEYS[CURRENT], algorithm: str = "HS256", **claims: object) -> str:  # noqa: B006
    """A token like ours but for what is named; a claim or header that is None is left out."""
    content = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    head = {name: value for name, value in (HEADER | header).items() if value is not None}
    return jwt.encode(content, key, algorithm=algorithm, headers=head)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_ours_reads_back() -> None:
    fresh = access_token(ACCESS, at=datetime.now(UTC))
    assert read_access_token(fresh) == read_access_token(made()) == ACCESS


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://example.org"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": None},
        {"sub": None},
        {"sub": "nobody"},
        {"sub": 1},
        {"sid": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": NOW - timedelta(minutes=1)},
        {"iat": None},
        {"iat": NOW + timedelta(days=1)},
        {"nbf": NOW + timedelta(days=1)},
    ],
)
def test_another_claim_is_refused(changed: dict) -> None:
    assert read_access_token(made(**changed)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"header": {"typ": "JWT"}},
        {"header": {"typ": None}},
        {"header": {"kid": None}},
        {"header": {"kid": "deadbeef"}},
        {"header": {"crit": ["exp"]}},
        {"key": b"k" * 32},
        {"key": derived_secret("backline.signing")},
        {"algorithm": "HS512"},
        {"algorithm": "HS384"},
        {"algorithm": "none", "key": None},
    ],
    ids=str,
)
def test_another_key_or_algorithm_is_refused(changed: dict) -> None:
    assert read_access_token(made(**changed)) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        GOOD.rpartition(".")[0] + ".",
        part({"alg": "none", "typ": TYPE}) + "." + GOOD.split(".")[1] + ".",
        part({**HEADER, "alg": ["HS256"]}) + "." + GOOD.partition(".")[2],
        part({**HEADER, "alg": "HS256", "kid": [CURRENT]}) + "." + GOOD.partition(".")[2],
        part([]) + "." + GOOD.partition(".")[2],
        base64.urlsafe_b64encode(b"[" * 30_000).decode() + ".e30.e30",
        GOOD + "\n",
        GOOD + "=",
        GOOD[:-1] + chr(ord(GOOD[-1]) + 1),
        "é" + GOOD,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert read_access_token(token) is None


@given(at=st.integers(0, len(GOOD) - 1), put=st.characters(codec="ascii", exclude_characters="\0"))
def test_a_changed_character_is_refused(at: int, put: str) -> None:
    changed = GOOD[:at] + put + GOOD[at + 1 :]
    assert changed == GOOD or read_access_token(changed) is None


@given(token=st.text(max_size=300))
def test_anything_may_be_sent(token: str) -> None:
    assert read_access_token(token) is None
