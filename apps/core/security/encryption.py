"""Secrets that must be read again are kept encrypted under SECRET_KEY (Fernet: AES-128-CBC with HMAC-SHA256)."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from apps.core.security.signing import derived_secret
from project.settings import settings


class Unreadable(Exception):
    """Encrypted under a key that neither SECRET_KEY nor SECRET_KEY_FALLBACKS has any more, or changed."""


def encrypt(purpose: str, secret: str) -> str:
    return _keys(purpose).encrypt(secret.encode()).decode()


def decrypt(purpose: str, encrypted: str) -> str:
    """Raises Unreadable."""
    try:
        return _keys(purpose).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise Unreadable(purpose) from None


@lru_cache
def _keys(purpose: str) -> MultiFernet:
    secrets = (derived_secret(purpose, each) for each in settings.secret_keys)
    return MultiFernet([Fernet(urlsafe_b64encode(each)) for each in secrets])
