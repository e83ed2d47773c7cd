"""Fulfilment of ticket types: one ticket for each unit that was paid for, each with its own code."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.concerts.events import ChangedSinceOrdered
from apps.concerts.models import TICKET, Concert, ConcertState, Ticket, TicketState
from apps.concerts.repositories import CONCERTS, NOTICES, TICKET_TYPES, VENUES
from apps.concerts.ticket_types.current_ticket_types import ticket_types_in_use
from apps.concerts.tickets import tickets
from apps.concerts.tickets.concerts_of_order import concerts_of
from apps.concerts.tickets.order_tickets import OrderTickets
from apps.concerts.tickets.tickets import TicketOut, tickets_of
from apps.core.db.bulk import among
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.fulfilment import Fulfilment
from apps.orders.kinds.parts import Part
from apps.orders.models import Order, OrderLine


class TicketFulfilment(Fulfilment):
    kind, name, rank = TICKET, _("Tickets"), 10
    on_sale = _("Tickets on sale")
    part = TicketOut
    parent = "concert"
    order_template, mail_template = "concerts/order.html", "concerts/mail/delivered"
    extension = OrderTickets()

    def offers(self) -> Select[Any]:
        return select(TICKET_TYPES.c.offer_id, TICKET_TYPES.c.concert_id.label("parent_id"))

    def not_to_give(self) -> Select[Any]:
        """Of a concert that is cancelled, or in the archive."""
        return _types_of(or_(CONCERTS.c.state == ConcertState.cancelled, CONCERTS.c.archived_at.is_not(None)))

    def past(self) -> Select[Any]:
        return _types_of(CONCERTS.c.starts_at < func.now())

    async def can_be_served(self, session: AsyncSession, lines: Sequence[OrderLine]) -> bool:
        """Unless a concert is cancelled; none is until the end of the transaction."""
        offers = {line.offer_id for line in lines}
        concerts = select(TICKET_TYPES.c.concert_id).where(among(TICKET_TYPES.c.offer_id, offers))
        states = select(Concert.state).where(Concert.id.in_(concerts)).order_by(Concert.id)
        return ConcertState.cancelled not in (await session.scalars(states.with_for_update(read=True))).all()

    async def deliver(self, session: AsyncSession, order: Order, lines: Sequence[OrderLine]) -> None:
        concerts = await _concerts_of(session, order, lines)
        for line in lines:
            for ordinal in range(1, line.quantity - line.refunded_quantity + 1):
                session.add(
                    Ticket(
                        order_id=order.id,
                        order_line_id=line.id,
                        ticket_type_id=line.offer_id,
                        concert_id=concerts[line.offer_id].concert_id,
                        ordinal=ordinal,
                        nonce=secrets.token_bytes(8),
                    )
                )
        if any(each.has_changed for each in concerts.values()):
            await publish(session, ChangedSinceOrdered(order.id))

    async def take_back(self, session: AsyncSession, line: OrderLine, quantity: int) -> int:
        """The last places of the line are no longer valid."""
        valid = select(Ticket).where(Ticket.order_line_id == line.id, Ticket.state == TicketState.valid)
        found = valid.order_by(Ticket.ordinal.desc()).limit(quantity).with_for_update()
        for ticket in (await session.execute(found)).scalars():
            ticket.move(TicketState.cancelled)
        return quantity

    async def renew_codes(self, session: AsyncSession, order_id: UUID) -> None:
        await tickets.renew_codes(session, order_id)

    async def parts(
        self,
        connection: AsyncConnection,
        order_id: UUID,
        titles: Mapping[UUID, str],
        *,
        locale: str,
        for_customer: bool,
    ) -> Sequence[Part]:
        return await tickets_of(connection, order_id, titles, locale=locale, with_codes=for_customer)

    async def words(
        self, connection: AsyncConnection, order: Any, parts: Sequence[Part], *, locale: str
    ) -> Mapping[str, Any]:
        return {"concerts": await concerts_of(connection, order, locale=locale)}

    def time_zones(self, offers: Collection[UUID]) -> Select[tuple[str]]:
        """Of the halls."""
        zones = (
            select(VENUES.c.time_zone)
            .join(CONCERTS, CONCERTS.c.venue_id == VENUES.c.id)
            .join(TICKET_TYPES, TICKET_TYPES.c.concert_id == CONCERTS.c.id)
        )
        return zones.where(among(TICKET_TYPES.c.offer_id, offers))

    async def offers_to_give(self, session: AsyncSession, parent_id: UUID) -> Sequence[UUID]:
        """As their concert has them."""
        return [each.id for each in await ticket_types_in_use(session, parent_id)]


def _types_of(*conditions: Any) -> Select[Any]:
    """Ids of the ticket types of such concerts."""
    types = TICKET_TYPES.join(CONCERTS, CONCERTS.c.id == TICKET_TYPES.c.concert_id)
    return select(TICKET_TYPES.c.offer_id).select_from(types).where(*conditions)


async def _concerts_of(session: AsyncSession, order: Order, lines: Sequence[OrderLine]) -> dict[UUID, Row[Any]]:
    """By offer, its concert, and whether its holders were told anything that the order's customer cannot have known."""
    told = and_(
        NOTICES.c.concert_id == CONCERTS.c.id,
        NOTICES.c.told_at.is_not(None),
        NOTICES.c.changed_at > order.created_at,
    )
    changed = or_(CONCERTS.c.state == ConcertState.cancelled, select(NOTICES.c.id).where(told).exists())
    types = TICKET_TYPES.join(CONCERTS, CONCERTS.c.id == TICKET_TYPES.c.concert_id)
    found = select(TICKET_TYPES.c.offer_id, TICKET_TYPES.c.concert_id, changed.label("has_changed")).select_from(types)
    rows = await session.execute(found.where(among(TICKET_TYPES.c.offer_id, {line.offer_id for line in lines})))
    return {row.offer_id: row for row in rows}


FULFILMENT = TicketFulfilment()
