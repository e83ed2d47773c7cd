"""Concerts as staff write and see them. A change sends what a creation sends; times have a zone, prices include tax."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.concerts.models import ConcertState
from apps.concerts.schemas import TicketLink
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.slugs import Slug
from apps.core.text.string_types import FILLED, LINE, LongText, Quantity, Title
from apps.core.text.translations import OtherLocale, Texts, Translations
from apps.orders.schemas import Allocation, MembersIn, PriceIn, Prices

LAST_PLACE = 10_000
Position = Annotated[int, Meta(ge=0, le=LAST_PLACE, description="Lists show the lowest first.")]
Short = Annotated[str, Meta(max_length=120, pattern=LINE)]
FilledShort = Annotated[str, Meta(min_length=1, max_length=120, pattern=FILLED)]


class Coordinates(Struct, forbid_unknown_fields=True):
    """Degrees, WGS 84."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class VenueIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Without a `time_zone` (IANA) the one its coordinates lie in is taken, else the band's own."""

    name: Title
    city: FilledShort
    region: Short = ""
    country: Short = ""
    coordinates: Coordinates | None = None
    time_zone: Annotated[str, Meta(max_length=64, examples=["Europe/Berlin"])] | None = None


class VenueStaffOut(Struct, kw_only=True):
    """A venue as staff see it."""

    id: UUID
    name: str
    city: str
    region: str
    country: str
    coordinates: Coordinates | None
    time_zone: str
    archived_at: AwareDatetime | None


class TourIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Without a `slug` it is made of the title."""

    title: Title
    slug: Slug | None = None
    description: LongText = ""
    translations: Translations = {}


class TourStaffOut(Struct, kw_only=True):
    """A tour with its translations."""

    id: UUID
    title: str
    slug: str
    description: str
    translations: dict[str, Texts]
    archived_at: AwareDatetime | None


class ConcertIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """`lineup` are the support acts in order; `description` is plain text.

    Without a `slug` it is made of day and place.
    """

    title: Title
    venue: UUID
    starts_at: AwareDatetime
    slug: Slug | None = None
    description: LongText = ""
    tour: Annotated[UUID | None, Meta(examples=[None])] = None
    on_sale_at: Annotated[
        AwareDatetime | None, Meta(description="Shown to fans; putting it on sale is an operation of its own.")
    ] = None
    lineup: Annotated[list[Title], Meta(max_length=50)] = []
    tickets_elsewhere: Annotated[
        list[TicketLink], Meta(max_length=10, description="Shown to fans until tickets are on sale here.")
    ] = []
    translations: Translations = {}


class ConcertListedOut(Struct, kw_only=True):
    """A concert in the staff's list; `finished` as in a single one."""

    id: UUID
    title: str
    slug: str
    state: ConcertState
    starts_at: AwareDatetime
    venue: UUID
    venue_name: str
    city: str
    tour: UUID | None
    finished: bool
    updated_at: AwareDatetime
    archived_at: AwareDatetime | None


class ConcertStaffOut(Struct, kw_only=True):
    """`orders_with_tickets`: how many orders hold valid tickets. `finished`: it took place, or has begun, while
    `state` stays what it was. Sales and the clock change them, so they are no part of the version.
    """

    id: UUID
    title: str
    slug: str
    description: str
    state: ConcertState
    venue: UUID
    tour: UUID | None
    starts_at: AwareDatetime
    on_sale_at: AwareDatetime | None
    lineup: list[str]
    tickets_elsewhere: list[TicketLink]
    translations: dict[str, Texts]
    archived_at: AwareDatetime | None
    orders_with_tickets: int
    finished: bool


class NewDateIn(Struct, forbid_unknown_fields=True):
    """When the concert is instead."""

    starts_at: AwareDatetime


class NameTexts(Struct, forbid_unknown_fields=True):
    """The name in another language."""

    name: FilledShort


class TicketTypeIn(MembersIn, forbid_unknown_fields=True, kw_only=True):
    """Without `sale_until` it is sold until the concert starts. With an empty `allocation` nothing is counted."""

    name: FilledShort
    prices: Prices
    allocation: Allocation
    position: Position = 0
    max_per_order: Quantity = 10
    max_per_customer: Quantity | None = None
    sale_from: AwareDatetime | None = None
    sale_until: AwareDatetime | None = None
    translations: Mapping[OtherLocale, NameTexts] = {}


class TicketTypeStaffOut(Struct, kw_only=True):
    """`active`: it can be bought while its sale window is open. `title` is what carts and orders say."""

    id: UUID
    concert: UUID
    name: str
    title: str
    prices: dict[str, PriceIn]
    allocation: dict[UUID, int]
    position: int
    max_per_order: int
    max_per_customer: int | None
    sale_from: AwareDatetime | None
    sale_until: AwareDatetime | None
    entitlement: str | None
    members_only: bool
    early_from: AwareDatetime | None
    translations: dict[str, NameTexts]
    active: bool
    archived_at: AwareDatetime | None
