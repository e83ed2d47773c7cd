"""Short signed tokens for ticket codes, guests' order links and carts.

A token is base64url of key id (1 byte) · id (16) · nonce (8) · keyed BLAKE2b (16 bytes, RFC 7693). The purpose is
signed with it, so that a cart token opens no order. A row is revoked by a new nonce, a key by leaving
SECRET_KEY_FALLBACKS.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b, sha256
from uuid import UUID

from project.settings import settings

MAC_BYTES = 16
NONCE_BYTES = 8
TOKEN_BYTES = 1 + 16 + NONCE_BYTES + MAC_BYTES
NO_NONCE = bytes(NONCE_BYTES)


@dataclass(frozen=True, slots=True)
class Signed:
    id: UUID
    nonce: bytes


def derived_secret(purpose: str, secret_key: str = settings.secret_key) -> bytes:
    """A secret of its own for `purpose`; an older one of `settings.secret_keys` gives what it gave then."""
    return hmac.digest(secret_key.encode(), purpose.encode(), sha256)


KEYS = [derived_secret("backline.signing", secret_key) for secret_key in settings.secret_keys]
CURRENT = KEYS[0]


def sign(purpose: str, id: UUID, nonce: bytes = NO_NONCE) -> str:
    body = CURRENT[:1] + id.bytes + nonce
    return _encoded(body + _mac(CURRENT, purpose, body))


def unsign(purpose: str, token: str) -> Signed | None:
    """What the token says, or None when it is not one of ours for `purpose`."""
    raw = _decoded(token)
    body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    candidates = [key for key in KEYS if key[:1] == raw[:1]]  # mostly one: the id only saves trying the others
    if len(raw) != TOKEN_BYTES or not any(hmac.compare_digest(mac, _mac(key, purpose, body)) for key in candidates):
        return None
    return Signed(UUID(bytes=body[1:17]), body[17:])


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    return blake2b(purpose.encode() + b"\0" + body, key=key, digest_size=MAC_BYTES).digest()


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(token: str) -> bytes:
    """Only the one spelling that `sign` writes; b"" for any other."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return b""
    return raw if _encoded(raw) == token else b""
