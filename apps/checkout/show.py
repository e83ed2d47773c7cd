"""An order as its buyer sees it: what was agreed, what became of it, tickets and parcels."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.queue.new_order import NewOrder
from apps.checkout.queue.placed import ORDER_KEY, placed_out
from apps.checkout.schemas import OrderLineOut, OrderOut, ShipmentOut, TicketConcertOut, TicketOut, TicketTypeNameOut
from apps.concerts.delivery import ticket_code
from apps.concerts.models import ConcertState, Ticket
from apps.concerts.repositories import CONCERTS, PLACES, TICKET_TYPES, VENUES, venue_of
from apps.core.errors import NotFound
from apps.core.security.signing import unsign
from apps.core.text.translations import in_locale
from apps.orders.models import OrderState
from apps.orders.repositories import OFFERS, ORDER_LINES, ORDERS, lines_of_orders
from apps.payments.models import Payment
from apps.shop.models import Shipment
from apps.shop.shipping import tracking_url


async def find_order(connection: AsyncConnection, number: str, key: str) -> Any:
    """The order's columns, for who holds its link; NotFound for everybody else."""
    signed = unsign(ORDER_KEY, key)
    if signed is None:
        raise NotFound
    row = await order_by_id(connection, signed.id)
    if row["nonce"] != signed.nonce or row["number"] != number.upper():
        raise NotFound
    return row


async def find_own_order(connection: AsyncConnection, number: str, user_id: UUID) -> Any:
    """The order's columns, for who was signed in when it was placed; NotFound for everybody else."""
    return await _one(connection, ORDERS.c.number == number.upper(), ORDERS.c.user_id == user_id)


async def order_by_id(connection: AsyncConnection, id: UUID) -> Any:
    return await _one(connection, ORDERS.c.id == id)


async def _one(connection: AsyncConnection, *where: ColumnElement[bool]) -> Any:
    row = (await connection.execute(select(ORDERS).where(*where))).mappings().one_or_none()
    if row is None:
        raise NotFound
    return row


async def show_order(connection: AsyncConnection, order: Any, *, locale: str | None = None) -> OrderOut:
    """From the mapping of an order's columns, in `locale`, else in the order's own."""
    locale = locale or order["locale"]
    lines = (await connection.execute(lines_of_orders([order["id"]]))).all()
    placed = placed_out(msgspec.convert(order, NewOrder), lines, locale=locale)
    payment = await _payment(connection, order)
    return OrderOut(
        **msgspec.structs.asdict(placed),
        email=order["email"],
        name=order["name"],
        placed_at=order["created_at"],
        paid_at=order["paid_at"],
        refunded=order["refunded"],
        payment=payment.state if payment else None,
        payment_failure=payment.failure if payment else None,
        tickets=await _tickets(connection, order, placed.lines, locale),
        shipments=[shipment_out(row) for row in await shipments_of(connection, order["id"], locale=locale)],
    )


async def _payment(connection: AsyncConnection, order: Any) -> Row[Any] | None:
    """The latest one's state, and why it failed; none where it could not be taken, so that another may be made."""
    found = select(Payment.state, Payment.failure, Payment.settled_at).where(Payment.owner_id == order["id"])
    latest = (await connection.execute(found.order_by(Payment.created_at.desc()).limit(1))).one_or_none()
    is_returned = latest is not None and latest.settled_at is not None and order["state"] == OrderState.pending
    return None if is_returned else latest


async def _tickets(
    connection: AsyncConnection, order: Any, lines: Sequence[OrderLineOut], locale: str
) -> list[TicketOut]:
    titles = {line.id: line.title for line in lines}
    return [
        TicketOut(
            id=row.id,
            line=row.order_line_id,
            title=titles[row.order_line_id],
            state=row.state,
            code=None if row.concert is ConcertState.cancelled else ticket_code(row.id, row.nonce, row.state),
            concert=ticket_concert(row, locale),
            type=ticket_type_name(row),
        )
        for row in await tickets_of(connection, order["id"], locale=locale)
    ]


async def tickets_of(connection: AsyncConnection, order_id: UUID, *, locale: str) -> Sequence[Row[Any]]:
    """With their concerts, whose state is `concert`, and types; these are named in `locale`."""
    facts = (Ticket.id, Ticket.order_line_id, Ticket.nonce, Ticket.state, Ticket.concert_id, Ticket.ticket_type_id)
    concert = (CONCERTS.c.slug, CONCERTS.c.starts_at, CONCERTS.c.state.label("concert"))
    title = in_locale(CONCERTS.c.title, CONCERTS.c.translations, "title").label("concert_title")
    name = in_locale(TICKET_TYPES.c.name, OFFERS.c.translations, "name").label("type_name")
    found = (
        select(*facts, *concert, title, name, *PLACES)
        .join(CONCERTS, CONCERTS.c.id == Ticket.concert_id)
        .join(VENUES, VENUES.c.id == CONCERTS.c.venue_id)
        .join(TICKET_TYPES, TICKET_TYPES.c.offer_id == Ticket.ticket_type_id)
        .join(OFFERS, OFFERS.c.id == Ticket.ticket_type_id)
    )
    mine = found.where(Ticket.order_id == order_id).order_by(Ticket.order_line_id, Ticket.ordinal)
    return (await connection.execute(mine, {"locale": locale})).all()


def ticket_concert(row: Row[Any], locale: str) -> TicketConcertOut:
    return TicketConcertOut(row.concert_id, row.slug, row.concert_title, row.starts_at, venue_of(row, locale))


def ticket_type_name(row: Row[Any]) -> TicketTypeNameOut:
    return TicketTypeNameOut(row.ticket_type_id, row.type_name)


async def shipments_of(connection: AsyncConnection, order_id: UUID, *, locale: str) -> Sequence[Row[Any]]:
    moves = (Shipment.state, Shipment.moved_at, Shipment.address, Shipment.tracking)
    title = in_locale(ORDER_LINES.c.title, ORDER_LINES.c.translations, "title").label("title")
    found = select(Shipment.id, Shipment.order_line_id, title, Shipment.quantity, *moves)
    mine = found.join(ORDER_LINES, ORDER_LINES.c.id == Shipment.order_line_id).where(Shipment.order_id == order_id)
    return (await connection.execute(mine.order_by(ORDER_LINES.c.position), {"locale": locale})).all()


def shipment_out(row: Row[Any]) -> ShipmentOut:
    return ShipmentOut(
        line=row.order_line_id,
        title=row.title,
        quantity=row.quantity,
        state=row.state,
        moved_at=row.moved_at,
        address=row.address,
        tracking=row.tracking,
        tracking_url=tracking_url(row.tracking),
    )
