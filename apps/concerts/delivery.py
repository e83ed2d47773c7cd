"""Delivering tickets: one for every place, each with a code of its own."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Ticket, TicketState, TicketType
from apps.core.security.signing import sign
from apps.orders.models import Order, OrderLine

TICKET_CODE = "ticket"


async def deliver(session: AsyncSession, order: Order, lines: Sequence[OrderLine]) -> None:
    types = select(TicketType.offer_id, TicketType.concert_id).where(
        TicketType.offer_id.in_([line.offer_id for line in lines])
    )
    concerts = dict((await session.execute(types)).tuples().all())
    for line in lines:
        for ordinal in range(1, line.quantity - line.refunded_quantity + 1):
            session.add(
                Ticket(
                    order_id=order.id,
                    order_line_id=line.id,
                    ticket_type_id=line.offer_id,
                    concert_id=concerts[line.offer_id],
                    ordinal=ordinal,
                    nonce=secrets.token_bytes(8),
                )
            )


async def take_back(session: AsyncSession, line: OrderLine, quantity: int) -> int:
    """The last places of the line are no longer valid."""
    valid = select(Ticket).where(Ticket.order_line_id == line.id, Ticket.state == TicketState.valid)
    found = valid.order_by(Ticket.ordinal.desc()).limit(quantity).with_for_update()
    for ticket in (await session.execute(found)).scalars():
        ticket.move(TicketState.cancelled)
    return quantity


async def renew_codes(session: AsyncSession, order_id: UUID) -> None:
    """The codes that the order's tickets had no longer open the door."""
    found = select(Ticket).where(Ticket.order_id == order_id).order_by(Ticket.id).with_for_update(key_share=True)
    for ticket in await session.scalars(found):
        ticket.nonce = secrets.token_bytes(8)


def ticket_code(id: UUID, nonce: bytes, state: TicketState) -> str | None:
    """What the door scans; None once the ticket is not valid."""
    return sign(TICKET_CODE, id, nonce) if state is TicketState.valid else None
