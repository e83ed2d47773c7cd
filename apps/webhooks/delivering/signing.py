"""Secrets of endpoints, and signatures by the Standard Webhooks specification (standardwebhooks.com, v1).

No secret is kept: it is derived from SECRET_KEY, the endpoint's id and a nonce in its row. The row names the SECRET_KEY
too, so that the secret stays the same for as long as that key stands among SECRET_KEY_FALLBACKS.
"""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from apps.core.security.signing import derived_secret
from apps.webhooks.models import WebhookEndpoint
from project.settings import settings

BOTH_SIGN = timedelta(hours=24)
"""How long the secret before signs too."""
KEYS = {derived_secret("webhooks.key-id", key)[:8]: key for key in reversed(settings.secret_keys)}
CURRENT = next(id for id, key in KEYS.items() if key == settings.secret_key)


def new_nonce() -> bytes:
    return secrets.token_bytes(16)


def secret_of(endpoint_id: UUID, nonce: bytes | None, key_id: bytes | None) -> bytes | None:
    """None when its SECRET_KEY is gone."""
    key = KEYS.get(key_id or b"")
    return derived_secret(f"webhook:{endpoint_id}:{nonce.hex()}", key) if key and nonce else None


def shown_secret(endpoint: WebhookEndpoint) -> str:
    """As receivers are given it; empty when it cannot be made any more."""
    secret = secret_of(endpoint.id, endpoint.nonce, endpoint.key_id)
    return f"whsec_{b64encode(secret).decode()}" if secret else ""


def needs_new_secret(endpoint: WebhookEndpoint) -> bool:
    """It comes from a SECRET_KEY that is on its way out, or gone."""
    return endpoint.key_id != CURRENT


def signatures(signing: Iterable[bytes], *, id: UUID, timestamp: int, body: bytes) -> str:
    signed = f"{id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{b64encode(hmac.digest(secret, signed, sha256)).decode()}" for secret in signing)
