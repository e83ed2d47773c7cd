"""Schemas of a concert with its capacity and ticket types, which are saved together."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.concerts.staff_schemas import ConcertIn, ConcertStaffOut, FilledShort, NameTexts
from apps.concerts.ticket_types.ticket_types import MOST_TICKET_TYPES
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import Amount, Quantity
from apps.core.text.translations import OtherLocale
from apps.inventory.staff_schemas import Units


class TicketTypeRowIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A ticket type, new without an `id`. `price` is in the band's currency; others stay as they are.

    `capacity`: of those in the hall at most so many; where there is no hall, so many of its own. One that is
    `archived` goes to the archive.
    """

    id: UUID | None = None
    name: FilledShort
    price: Amount | None = None
    capacity: Units | None = None
    max_per_order: Quantity = 10
    max_per_customer: Quantity | None = None
    sale_from: AwareDatetime | None = None
    sale_until: AwareDatetime | None = None
    translations: Mapping[OtherLocale, NameTexts] = {}
    archived: bool = False


class ConcertWithTicketTypesIn(ConcertIn, forbid_unknown_fields=True, kw_only=True):
    """`capacity`: of the hall, which all ticket types share. Ticket types that are not named stay as they are."""

    capacity: Units | None = None
    ticket_types: Annotated[list[TicketTypeRowIn], Meta(max_length=MOST_TICKET_TYPES)] = []


class TicketTypeRowOut(Struct, kw_only=True):
    id: UUID
    name: str
    price: int | None
    capacity: int | None
    max_per_order: int
    max_per_customer: int | None
    sale_from: AwareDatetime | None
    sale_until: AwareDatetime | None
    translations: dict[str, NameTexts]


class ConcertWithTicketTypesOut(ConcertStaffOut, kw_only=True):
    """Ticket types in their order, without the archive."""

    capacity: int | None
    ticket_types: list[TicketTypeRowOut]
