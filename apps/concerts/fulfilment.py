"""Fulfilment of ticket types: one ticket for each unit that was paid for, each with its own code."""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.events import ChangedSinceOrdered, TicketsIssued, TicketsVoided
from apps.concerts.models import TICKET, ConcertState, Ticket, TicketState
from apps.concerts.repositories import CONCERTS, NOTICES, TICKET_TYPES, VENUES
from apps.concerts.ticket_types.current_ticket_types import ticket_types_in_use
from apps.concerts.tickets import tickets
from apps.concerts.tickets.concerts_of_order import concerts_of
from apps.concerts.tickets.order_tickets import OrderTickets
from apps.concerts.tickets.tickets import TicketOut, tickets_of
from apps.core.db.bulk import among, among_ids, insert_rows
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.fulfilment import Delivery, Fulfilment
from apps.orders.kinds.parts import Part
from apps.orders.models import OrderLine

TICKETS = Ticket.table()
LAST_CHANGE = (
    select(func.max(NOTICES.c.changed_at))
    .where(NOTICES.c.concert_id == CONCERTS.c.id, NOTICES.c.told_at.is_not(None))
    .scalar_subquery()
)
CONCERTS_OF_OFFERS = (
    select(TICKET_TYPES.c.offer_id, TICKET_TYPES.c.concert_id, CONCERTS.c.state)
    .join(CONCERTS, CONCERTS.c.id == TICKET_TYPES.c.concert_id)
    .where(among_ids(TICKET_TYPES.c.offer_id))
)
CONCERTS_AND_NEWS = CONCERTS_OF_OFFERS.add_columns(LAST_CHANGE.label("told_of"))


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

    async def closed(self, connection: AsyncConnection, offers: Collection[UUID]) -> Collection[UUID]:
        """Of concerts that are cancelled; no other is until the end of the transaction."""
        found = CONCERTS_OF_OFFERS.order_by(CONCERTS.c.id).with_for_update(read=True, of=CONCERTS)
        rows = await connection.execute(found, {"ids": list(offers)})
        return [row.offer_id for row in rows if row.state is ConcertState.cancelled]

    async def deliver(self, connection: AsyncConnection, deliveries: Sequence[Delivery]) -> None:
        concerts = {row.offer_id: row for row in await _concerts_of(connection, deliveries)}
        issued = {each.order.id: [*_tickets(each, concerts)] for each in deliveries}
        await insert_rows(connection, TICKETS, [ticket for tickets in issued.values() for ticket in tickets])
        told = [TicketsIssued(id, [ticket["id"] for ticket in tickets]) for id, tickets in issued.items()]
        changed = [ChangedSinceOrdered(each.order.id) for each in deliveries if _has_changed(each, concerts)]
        await publish(connection, *told, *changed)

    async def take_back(self, session: AsyncSession, line: OrderLine, quantity: int) -> int:
        """The last places of the line are no longer valid."""
        valid = select(Ticket).where(Ticket.order_line_id == line.id, Ticket.state == TicketState.valid)
        found = valid.order_by(Ticket.ordinal.desc()).limit(quantity).with_for_update()
        voided = (await session.scalars(found)).all()
        for ticket in voided:
            ticket.move(TicketState.cancelled)
        await publish(session, TicketsVoided(line.order_id, [ticket.id for ticket in voided]))
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


async def _concerts_of(connection: AsyncConnection, deliveries: Sequence[Delivery]) -> Iterable[Row[Any]]:
    offers = {line.offer_id for each in deliveries for line in each.lines}
    return await connection.execute(CONCERTS_AND_NEWS, {"ids": list(offers)})


def _tickets(delivery: Delivery, concerts: Mapping[UUID, Row[Any]]) -> Iterator[dict[str, Any]]:
    for line in delivery.lines:
        for ordinal in range(1, delivery.quantity(line) + 1):
            yield {
                "id": uuid7(),
                "order_id": delivery.order.id,
                "order_line_id": line.id,
                "ticket_type_id": line.offer_id,
                "concert_id": concerts[line.offer_id].concert_id,
                "state": TicketState.valid,
                "ordinal": ordinal,
                "nonce": secrets.token_bytes(8),
            }


def _has_changed(delivery: Delivery, concerts: Mapping[UUID, Row[Any]]) -> bool:
    """Whether holders were told anything of one of its concerts that its customer cannot have known."""
    told = (concerts[line.offer_id] for line in delivery.lines)
    ordered_at = delivery.order.created_at
    return any(each.state is ConcertState.cancelled or (each.told_of and each.told_of > ordered_at) for each in told)


FULFILMENT = TicketFulfilment()
