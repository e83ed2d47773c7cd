"""Concerts as the API shows them to fans, in their language. Times are UTC, `time_zone` is the venue's.

Prices are minor units and include tax; a `price_text` is the same as people write it.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import LINE, WebAddress
from apps.orders.offers.availability import Availability


class PublicConcertState(StrEnum):
    """Where a concert stands for fans. `finished`: it took place, or has begun; nothing can be bought any more."""

    announced = "announced"
    on_sale = "on_sale"
    postponed = "postponed"
    cancelled = "cancelled"
    finished = "finished"


class VenueOut(Struct):
    """Where a concert is; `time_zone` is an IANA name. `country` is called as in the reader's language, if known."""

    name: str
    city: str
    region: str
    country: str
    latitude: float | None
    longitude: float | None
    time_zone: str


class TourNameOut(Struct):
    """The tour a concert belongs to."""

    slug: str
    title: str


class TourSummaryOut(TourNameOut):
    """`upcoming`: how many of its concerts are to come."""

    upcoming: int


class TourOut(TourSummaryOut):
    """`description` is plain text."""

    description: str


class TicketTypeOut(Struct):
    """`id` is the offer to put into a cart; with `minimum` the fan names the price, from there up.

    `availability` is null while it is not on sale: before `sale_from`, after `sale_until`.
    `for_members`: nobody else can buy it at the moment; `member_price` is what they pay, if less. A member is who has
    the `entitlement`.
    """

    id: UUID
    name: str
    price: int | None
    price_text: str | None
    minimum: int | None
    sale_from: AwareDatetime | None
    sale_until: AwareDatetime | None
    max_per_order: int
    availability: Availability | None
    left: int | None
    entitlement: str | None
    for_members: bool
    member_price: int | None
    member_price_text: str | None


class TicketLink(Struct, forbid_unknown_fields=True):
    """Where tickets can be had elsewhere. Without a `title` they are plain tickets."""

    url: WebAddress
    title: Annotated[str, Meta(max_length=120, pattern=LINE, examples=["VIP"])] = ""
    sold_out: bool = False


class ConcertSummaryOut(Struct):
    """`availability` is null while it is not on sale; `distance_km` comes with `near`.

    `tickets_elsewhere` is empty once tickets are on sale here, and when none are needed any more.
    """

    id: UUID
    slug: str
    title: str
    starts_at: AwareDatetime
    state: PublicConcertState
    venue: VenueOut
    tour: TourNameOut | None
    availability: Availability | None
    distance_km: float | None
    tickets_elsewhere: list[TicketLink]


class ConcertOut(Struct):
    """`lineup` are the support acts in order; `description` is plain text.

    `tickets_elsewhere` is empty once tickets are on sale here, and when none are needed any more.
    """

    id: UUID
    slug: str
    title: str
    description: str
    starts_at: AwareDatetime
    on_sale_at: AwareDatetime | None
    state: PublicConcertState
    venue: VenueOut
    tour: TourNameOut | None
    lineup: list[str]
    currency: str
    ticket_types: list[TicketTypeOut]
    tickets_elsewhere: list[TicketLink]
