"""Concerts as the API shows them. Times are UTC, `time_zone` is the venue's; prices are minor units and include tax."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.concerts.models import ConcertState
from apps.orders.availability import Availability


class VenueOut(Struct):
    name: str
    city: str
    region: str
    country: str
    latitude: float | None
    longitude: float | None
    time_zone: str


class TicketTypeOut(Struct):
    """`id` is the offer to put into a cart."""

    id: UUID
    name: str
    price: int | None
    minimum: int | None
    sale_from: datetime | None
    sale_until: datetime | None
    max_per_order: int
    availability: Availability
    left: int | None


class ConcertSummaryOut(Struct):
    """`availability` is null while there is nothing to buy."""

    id: UUID
    slug: str
    title: str
    starts_at: datetime
    state: ConcertState
    venue: VenueOut
    availability: Availability | None


class ConcertOut(Struct):
    """`lineup` are the support acts in order."""

    id: UUID
    slug: str
    title: str
    description: str
    starts_at: datetime
    on_sale_at: datetime | None
    state: ConcertState
    venue: VenueOut
    lineup: list[str]
    currency: str
    ticket_types: list[TicketTypeOut]
