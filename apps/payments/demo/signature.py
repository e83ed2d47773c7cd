"""Webhook signatures: `Demo-Signature: t=<unix time>,v1=<hex HMAC-SHA256 of "t.body">`, five minutes of tolerance."""

import hmac
import re
import time
from hashlib import sha256

from apps.core.security.signing import derived_secret

HEADER = "Demo-Signature"
TOLERANCE = 300
MOMENT = re.compile("[0-9]{1,12}")
SECRET = derived_secret("payments.demo.webhook")
API_TOKEN = derived_secret("payments.demo.api").hex()


def signature(body: bytes, *, at: int) -> str:
    return f"t={at},v1={_mac(at, body)}"


def is_signed(header: str, body: bytes) -> bool:
    """One good signature is enough, wherever it stands: while a secret is changed there is one by each."""
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t"]
    if len(times) != 1 or not MOMENT.fullmatch(times[0]):
        return False
    at = int(times[0])
    expected = _mac(at, body).encode()
    macs = (value.encode() for name, value in parts if name == "v1")
    return abs(time.time() - at) <= TOLERANCE and any(hmac.compare_digest(mac, expected) for mac in macs)


def _mac(at: int, body: bytes) -> str:
    return hmac.new(SECRET, f"{at}.".encode() + body, sha256).hexdigest()
