"""Devices on which a user has signed in before: an attack from elsewhere does not keep the user out there.

A device keeps a token that is signed for one address. Guesses with it count for that device alone (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies"), so a stolen one helps as little as any other place.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from litestar.datastructures import Cookie

from apps.core.http.cookies import cookie
from apps.core.security.signing import NONCE_BYTES, sign, unsign

DEVICE = "device"
REMEMBERED = timedelta(days=365)


def device_token(email: str, known: str = "") -> str:
    """For who has just signed in: the token they came with if it is theirs, else a new one."""
    return known if device_of(known, email) else sign(DEVICE, _id(email), secrets.token_bytes(NONCE_BYTES))


def device_of(token: str, email: str) -> str | None:
    """What names the device; None for a token that is not ours, or another user's."""
    signed = unsign(DEVICE, token)
    return signed.nonce.hex() if signed and signed.id == _id(email) else None


def device_cookie(token: str) -> Cookie:
    """Of the site and the back office alike."""
    return cookie(DEVICE, token, kept=REMEMBERED)


def _id(email: str) -> UUID:
    return UUID(bytes=sha256(email.encode()).digest()[:16])
