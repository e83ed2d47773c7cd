"""What the till tells itself: work that many orders need, each in a transaction of its own."""

from uuid import UUID

import msgspec


class HolderConcerned(msgspec.Struct, frozen=True):
    """The order holds tickets of a concert that has changed."""

    order_id: UUID
    notice_id: UUID


class TicketsReturned(msgspec.Struct, frozen=True):
    """The order holds tickets of a concert that was called off, and gets its money back. `actor` said so."""

    order_id: UUID
    concert_id: UUID
    actor: str
