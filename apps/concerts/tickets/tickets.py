"""The tickets of an order, and their codes, which are scanned at the entrance."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.concerts.events import TicketCodesReplaced
from apps.concerts.models import TICKET, ConcertState, Ticket, TicketState
from apps.concerts.repositories import CONCERTS, PLACES, TICKET_TYPES, VENUES, venue_of
from apps.concerts.schemas import VenueOut
from apps.core.events import publish
from apps.core.security.signing import sign
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.translations import in_locale
from apps.orders.kinds.parts import Part
from apps.orders.listing import OwnOrders, is_own
from apps.orders.repositories import OFFERS, ORDER_LINES, ORDERS

TICKET_CODE = "ticket"
MOST_OWN = 200
SHOWN_AFTER_START = timedelta(hours=12)
"""So long a ticket stands among those to come: doors open late, and people come later."""


class TicketConcertOut(Struct):
    """When and where the ticket admits; `slug` is the one of `/concerts/{slug}`."""

    id: UUID
    slug: str
    title: str
    starts_at: AwareDatetime
    venue: VenueOut


class TicketTypeNameOut(Struct):
    """`id` is the offer that was ordered."""

    id: UUID
    name: str


class TicketOut(Part, tag=TICKET, kw_only=True):
    """`code` is what the door scans: only the customer sees it, and only while the ticket opens the door.

    `is_on_hold`: it opens no door, as the payment is disputed; it will again when that is decided for the band.

    `title` is as it was ordered; `concert` and `type` are as they are now.
    """

    code: str | None
    is_on_hold: bool
    concert: TicketConcertOut
    type: TicketTypeNameOut


async def tickets_of(
    connection: AsyncConnection, order_id: UUID, titles: Mapping[UUID, str], *, locale: str, with_codes: bool
) -> Sequence[TicketOut]:
    """In the order of their lines, called by the lines' titles; concert and type are named in `locale`. One query."""
    mine = _found().where(Ticket.order_id == order_id).order_by(Ticket.order_line_id, Ticket.ordinal)
    rows = await connection.execute(mine, {"locale": locale})
    return [_ticket(row, titles[row.order_line_id], locale, with_code=with_codes) for row in rows]


async def own_tickets(connection: AsyncConnection, user_id: UUID, *, locale: str) -> Sequence[TicketOut]:
    """Those of a user's orders that are still good, the next concert first; 200 at most. One query."""
    orders = select(ORDERS.c.id).where(is_own(OwnOrders(user_id)))
    still_good = (
        Ticket.order_id.in_(orders),
        Ticket.state == TicketState.valid,
        CONCERTS.c.state != ConcertState.cancelled,
        CONCERTS.c.starts_at > func.now() - SHOWN_AFTER_START,
    )
    titled = _found().add_columns(ORDER_LINES.c.title.label("title"))
    found = titled.join(ORDER_LINES, ORDER_LINES.c.id == Ticket.order_line_id).where(*still_good)
    in_order = found.order_by(CONCERTS.c.starts_at, Ticket.order_line_id, Ticket.ordinal).limit(MOST_OWN)
    rows = await connection.execute(in_order, {"locale": locale})
    return [_ticket(row, row.title, locale, with_code=True) for row in rows]


def _found() -> Select[Any]:
    """Tickets with concert and type, named in the language `locale`."""
    facts = (Ticket.id, Ticket.order_line_id, Ticket.nonce, Ticket.state, Ticket.concert_id, Ticket.ticket_type_id)
    held = ORDERS.c.dispute.is_not(None).label("is_on_hold")
    concert = (CONCERTS.c.slug, CONCERTS.c.starts_at, CONCERTS.c.state.label("concert"))
    title = in_locale(CONCERTS.c.title, CONCERTS.c.translations, "title").label("concert_title")
    name = in_locale(TICKET_TYPES.c.name, OFFERS.c.translations, "name").label("type_name")
    return (
        select(*facts, held, *concert, title, name, *PLACES)
        .join(ORDERS, ORDERS.c.id == Ticket.order_id)
        .join(CONCERTS, CONCERTS.c.id == Ticket.concert_id)
        .join(VENUES, VENUES.c.id == CONCERTS.c.venue_id)
        .join(TICKET_TYPES, TICKET_TYPES.c.offer_id == Ticket.ticket_type_id)
        .join(OFFERS, OFFERS.c.id == Ticket.ticket_type_id)
    )


def _ticket(row: Row[Any], title: str, locale: str, *, with_code: bool) -> TicketOut:
    concert = TicketConcertOut(row.concert_id, row.slug, row.concert_title, row.starts_at, venue_of(row, locale))
    return TicketOut(
        id=row.id,
        line=row.order_line_id,
        title=title,
        state=row.state,
        code=_code(row) if with_code else None,
        is_on_hold=row.is_on_hold and row.state is TicketState.valid,
        concert=concert,
        type=TicketTypeNameOut(row.ticket_type_id, row.type_name),
    )


def _code(row: Row[Any]) -> str | None:
    is_shut = row.is_on_hold or row.concert is ConcertState.cancelled
    return None if is_shut else ticket_code(row.id, row.nonce, row.state)


def ticket_code(id: UUID, nonce: bytes, state: TicketState) -> str | None:
    """The code that is scanned at the entrance; None once the ticket is not valid."""
    return sign(TICKET_CODE, id, nonce) if state is TicketState.valid else None


async def renew_codes(session: AsyncSession, order_id: UUID) -> None:
    """New codes for the order's tickets; the old ones become invalid."""
    found = select(Ticket).where(Ticket.order_id == order_id).order_by(Ticket.id).with_for_update(key_share=True)
    tickets = (await session.scalars(found)).all()
    for ticket in tickets:
        ticket.nonce = secrets.token_bytes(8)
    await publish(session, TicketCodesReplaced(order_id, [ticket.id for ticket in tickets]))
