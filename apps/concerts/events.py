"""What the apps above are told about concerts."""

from uuid import UUID

import msgspec


class ConcertCancelled(msgspec.Struct, frozen=True):
    """Called off for ever: what was ordered and is not paid yet must not be paid any more."""

    concert_id: UUID
