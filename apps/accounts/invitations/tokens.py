"""What the link of an invitation carries: made anew by SECRET_KEY whenever it is needed, and kept nowhere."""

from hashlib import sha256
from uuid import UUID

from apps.core.security.signing import sign, unsign

PURPOSE = "invitation"


def token_of(invitation: UUID) -> str:
    return sign(PURPOSE, invitation)


def is_ours(token: str) -> bool:
    return unsign(PURPOSE, token) is not None


def hash_of(token: str) -> bytes:
    """What the database keeps of it."""
    return sha256(token.encode()).digest()
