"""What the apps above are told about concerts."""

from uuid import UUID

import msgspec

from apps.concerts.models import ConcertState


class ConcertMoved(msgspec.Struct, frozen=True):
    """Its date, its place or whether it takes place has changed: who holds a ticket is to be told."""

    concert_id: UUID


class ConcertStateChanged(msgspec.Struct, frozen=True):
    """From one state to another, by hand."""

    concert_id: UUID
    before: ConcertState
    after: ConcertState


class ConcertRescheduled(msgspec.Struct, frozen=True):
    """It has another date or place than before; drafts are left out."""

    concert_id: UUID


class ConcertCancelled(msgspec.Struct, frozen=True):
    """Cancelled for good: what was ordered and is not paid yet must not be paid any more."""

    concert_id: UUID


class ChangedSinceOrdered(msgspec.Struct, frozen=True):
    """Tickets were issued of a concert that was moved or cancelled after they were ordered."""

    order_id: UUID


class TicketsIssued(msgspec.Struct, frozen=True):
    order_id: UUID
    ticket_ids: list[UUID]


class TicketsVoided(msgspec.Struct, frozen=True):
    """They open no door any more."""

    order_id: UUID
    ticket_ids: list[UUID]


class TicketCodesReplaced(msgspec.Struct, frozen=True):
    """Codes that were sent before open no door any more."""

    order_id: UUID
    ticket_ids: list[UUID]
