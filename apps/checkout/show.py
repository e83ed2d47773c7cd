"""An order as its buyer sees it: what was agreed, what became of it, tickets and parcels."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.place import ORDER_KEY, placed_out
from apps.checkout.schemas import OrderOut, ShipmentOut, TicketOut
from apps.concerts.delivery import ticket_code
from apps.concerts.models import Concert, ConcertState, Ticket
from apps.core.errors import NotFound
from apps.core.signing import unsign
from apps.orders.repositories import ORDER_LINES, ORDERS, lines_of_orders
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


async def show_order(connection: AsyncConnection, order: Any) -> OrderOut:
    """From the mapping of an order's columns."""
    lines = (await connection.execute(lines_of_orders([order["id"]]))).mappings().all()
    return OrderOut(
        **msgspec.structs.asdict(placed_out(order, lines)),
        email=order["email"],
        name=order["name"],
        placed_at=order["created_at"],
        paid_at=order["paid_at"],
        refunded=order["refunded"],
        payment=await _payment_state(connection, order),
        tickets=await _tickets(connection, order, {line["id"]: line["title"] for line in lines}),
        shipments=[shipment_out(row) for row in await shipments_of(connection, order["id"])],
    )


async def _payment_state(connection: AsyncConnection, order: Any) -> str | None:
    latest = select(Payment.state).where(Payment.owner_id == order["id"]).order_by(Payment.created_at.desc()).limit(1)
    state: str | None = (await connection.execute(latest)).scalar()
    return state


async def _tickets(connection: AsyncConnection, order: Any, titles: dict[Any, str]) -> list[TicketOut]:
    return [
        TicketOut(
            id=row.id,
            line=row.order_line_id,
            title=titles[row.order_line_id],
            state=row.state,
            code=None if row.concert is ConcertState.cancelled else ticket_code(row.id, row.nonce, row.state),
        )
        for row in await tickets_of(connection, order["id"])
    ]


async def tickets_of(connection: AsyncConnection, order_id: UUID) -> Sequence[Row[Any]]:
    """`concert` is the state of the concert that a ticket is for."""
    facts = (Ticket.id, Ticket.order_line_id, Ticket.ordinal, Ticket.nonce, Ticket.state)
    found = select(*facts, Concert.state.label("concert")).join(Concert, Concert.id == Ticket.concert_id)
    mine = found.where(Ticket.order_id == order_id).order_by(Ticket.order_line_id, Ticket.ordinal)
    return (await connection.execute(mine)).all()


async def shipments_of(connection: AsyncConnection, order_id: UUID) -> Sequence[Row[Any]]:
    moves = (Shipment.state, Shipment.moved_at, Shipment.address, Shipment.tracking)
    found = select(Shipment.id, Shipment.order_line_id, ORDER_LINES.c.title, Shipment.quantity, *moves)
    mine = found.join(ORDER_LINES, ORDER_LINES.c.id == Shipment.order_line_id).where(Shipment.order_id == order_id)
    return (await connection.execute(mine.order_by(ORDER_LINES.c.position))).all()


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
