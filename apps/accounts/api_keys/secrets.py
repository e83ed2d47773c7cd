"""What an API key looks like: `bl_3kq8zx1m_…`, so that people and secret scanners know one when they see it.

After the prefix, which is shown, come 256 random bits. So much needs no slow hash, and a fast one is found by an index.
"""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

BEGINNING = "bl_"
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
PREFIX_LENGTH = 8
SHAPE = re.compile(rf"{BEGINNING}[{ALPHABET}]{{{PREFIX_LENGTH}}}_[A-Za-z0-9_-]{{43}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """`key` is told once; `prefix` is its beginning."""

    key: str
    prefix: str


def new_secret() -> NewSecret:
    prefix = BEGINNING + "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    return NewSecret(f"{prefix}_{secrets.token_urlsafe(32)}", prefix)


def is_api_key(token: str) -> bool:
    """By its look, whether or not there is such a key."""
    return SHAPE.fullmatch(token) is not None


def hash_of(key: str) -> bytes:
    return sha256(key.encode()).digest()
