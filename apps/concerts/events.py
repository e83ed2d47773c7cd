"""What the apps above are told about concerts."""

from uuid import UUID

import msgspec


class ConcertMoved(msgspec.Struct, frozen=True):
    """Its date, its place or whether it takes place has changed: who holds a ticket is to be told."""

    concert_id: UUID


class ConcertCancelled(msgspec.Struct, frozen=True):
    """Cancelled for good: what was ordered and is not paid yet must not be paid any more."""

    concert_id: UUID


class ChangedSinceOrdered(msgspec.Struct, frozen=True):
    """Tickets were issued of a concert that was moved or cancelled after they were ordered."""

    order_id: UUID
