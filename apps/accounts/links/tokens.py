"""What a link carries: made anew by SECRET_KEY whenever it is mailed, and kept nowhere but as a hash."""

from hashlib import sha256
from uuid import UUID

from apps.core.security.signing import sign, unsign

PURPOSE = "invitation"
"""Of all links: those to an invitation were the first, and some of them are on their way."""

DISOWN = "not me"


def token_of(id: UUID) -> str:
    """Of a link or a registration."""
    return sign(PURPOSE, id)


def disowning_token(session_id: UUID) -> str:
    """Says of a session that somebody else began it."""
    return sign(DISOWN, session_id)


def disowned_session(token: str) -> UUID | None:
    signed = unsign(DISOWN, token)
    return signed.id if signed else None


def hash_of(token: str) -> bytes:
    """What the database keeps of it."""
    return sha256(token.encode()).digest()
