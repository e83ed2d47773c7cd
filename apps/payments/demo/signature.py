"""Webhook signatures: `Demo-Signature: t=<unix time>,v1=<hex HMAC-SHA256 of "t.body">`, five minutes of tolerance."""

import hmac
import time
from hashlib import sha256

from apps.core.signing import derived_secret

HEADER = "Demo-Signature"
TOLERANCE = 300
SECRET = derived_secret("payments.demo.webhook")
API_TOKEN = derived_secret("payments.demo.api").hex()


def signature(body: bytes, *, at: int) -> str:
    return f"t={at},v1={_mac(at, body)}"


def is_signed(header: str, body: bytes) -> bool:
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    if not parts.get("t", "").isdecimal() or len(parts["t"]) > 12:
        return False
    at = int(parts["t"])
    fresh = abs(time.time() - at) <= TOLERANCE
    return fresh and hmac.compare_digest(parts.get("v1", "").encode(), _mac(at, body).encode())


def _mac(at: int, body: bytes) -> str:
    return hmac.new(SECRET, f"{at}.".encode() + body, sha256).hexdigest()
