"""Access tokens: short-lived JWTs (RFC 7519) of one algorithm, issuer, audience and type."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from time import time
from uuid import UUID

import jwt

from apps.core.security.signing import derived_secret
from project.settings import settings

ALGORITHM = "HS256"
AUDIENCE = "backline-api"
TYPE = "at+jwt"  # RFC 9068
LIFETIME = timedelta(minutes=settings.access_token_expire_minutes)
LEEWAY = timedelta(seconds=30)
"""By how much the clocks of the machines may differ."""
SHAPE = re.compile(r"[A-Za-z0-9_-]{1,200}\.[A-Za-z0-9_-]{1,600}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""Short enough for any JSON parser, and base64url of 32 bytes in its one spelling."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose token it is, and of which session."""

    user_id: UUID
    session_id: UUID


def _key_id(key: bytes) -> str:
    return sha256(key).hexdigest()[:8]


SECRETS = (settings.jwt_secret_key,) if settings.jwt_secret_key else settings.secret_keys
KEYS = {_key_id(key): key for key in (derived_secret("backline.access", each) for each in SECRETS)}
CURRENT = next(iter(KEYS))


def access_token(access: Access, *, at: datetime) -> str:
    claims = {
        "iss": settings.base_url,
        "aud": AUDIENCE,
        "sub": access.user_id.hex,
        "sid": access.session_id.hex,
        "iat": at,
        "exp": at + LIFETIME,
    }
    return jwt.encode(claims, KEYS[CURRENT], algorithm=ALGORITHM, headers={"typ": TYPE, "kid": CURRENT})


class NotOurs(ValueError):
    """A token that is not ours, or no longer."""


@dataclass(frozen=True, slots=True)
class Verified:
    access: Access
    expires_at: float


def read_access_token(token: str) -> Access | None:
    """None for whatever is not ours, or no longer. One that comes again is not hashed again."""
    try:
        verified = _verified(token)
    except NotOurs:
        return None
    return verified.access if time() < verified.expires_at else None


@lru_cache(maxsize=8192)
def _verified(token: str) -> Verified:
    """Raises NotOurs, which is not kept in mind."""
    if not SHAPE.fullmatch(token):
        raise NotOurs
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != TYPE:
            raise NotOurs
        claims = jwt.decode(
            token,
            KEYS[header["kid"]],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=settings.base_url,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "sid", "iat", "exp"]},
        )
        access = Access(UUID(hex=claims["sub"]), UUID(hex=claims["sid"]))
        return Verified(access, claims["exp"] + LEEWAY.total_seconds())
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise NotOurs from None
