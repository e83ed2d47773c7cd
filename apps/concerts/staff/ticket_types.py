"""Ticket types, for staff."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff
from apps.concerts.repositories import ConcertRepository
from apps.concerts.staff.common import ARCHIVE, EDIT, STAFF, TAGS, VIEW
from apps.concerts.staff_reads import find_ticket_type, list_ticket_types, ticket_type_out
from apps.concerts.staff_schemas import TicketTypeIn, TicketTypeStaffOut
from apps.concerts.ticket_types.ticket_types import (
    LastTicketType,
    TooManyTicketTypes,
    add_ticket_type,
    archive_ticket_type,
    change_ticket_type,
    lock_ticket_type,
    restore_ticket_type,
)
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import Page
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Session
from apps.orders.offers.pools import PoolArchived


class TicketTypeStaffController(Controller):
    path = STAFF
    tags = TAGS

    @get("/concerts/{id:uuid}/ticket-types", guards=[VIEW], cache_control=PERSONAL, responses=problems(NotFound))
    async def list(
        self, id: FromPath[UUID], session: Session, archived: ArchiveQuery = ArchiveFilter.in_use
    ) -> Page[TicketTypeStaffOut]:
        """The ticket types of a concert, in their order: all on one page."""
        concert = await ConcertRepository(session=session).find(id)
        return Page(await list_ticket_types(session, concert.id, archived), next=None)

    @get("/ticket-types/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[TicketTypeStaffOut]:
        """One ticket type."""
        return shown(await find_ticket_type(session, id))

    @post(
        "/concerts/{id:uuid}/ticket-types",
        status_code=201,
        guards=[EDIT],
        responses=problems(NotFound, InArchive, TooManyTicketTypes),
    )
    async def create(
        self,
        id: FromPath[UUID],
        data: JSONBody[TicketTypeIn],
        session: Session,
        current_user: Staff,
        idempotent: IdempotentDep,
    ) -> Response[TicketTypeStaffOut]:
        """Add a ticket type to a concert. It can be bought at once when the concert is on sale."""
        return await idempotent(_create, session, id, data, actor=current_user.actor)

    @put("/ticket-types/{id:uuid}", guards=[EDIT], responses=problems(NotFound, InArchive))
    async def change(
        self,
        id: FromPath[UUID],
        data: JSONBody[TicketTypeIn],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[TicketTypeStaffOut]:
        """Change a ticket type, for orders to come."""
        concert, ticket_type = await lock_ticket_type(session, id)
        refuse_stale(if_match, ticket_type_out(ticket_type))
        await change_ticket_type(session, concert, ticket_type, data, actor=current_user.actor)
        return shown(ticket_type_out(ticket_type))

    @post(
        "/ticket-types/{id:uuid}/archive",
        status_code=200,
        guards=[ARCHIVE],
        responses=problems(NotFound, LastTicketType),
    )
    async def archive(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[TicketTypeStaffOut]:
        """Sell a ticket type no more. Tickets that were sold stay valid."""
        concert, ticket_type = await lock_ticket_type(session, id)
        await archive_ticket_type(session, concert, ticket_type, actor=current_user.actor)
        return shown(ticket_type_out(ticket_type))

    @post(
        "/ticket-types/{id:uuid}/restore",
        status_code=200,
        guards=[ARCHIVE],
        responses=problems(NotFound, PoolArchived),
    )
    async def restore(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[TicketTypeStaffOut]:
        """Put a ticket type back; it can be bought again while the concert is on sale."""
        concert, ticket_type = await lock_ticket_type(session, id)
        await restore_ticket_type(session, concert, ticket_type, actor=current_user.actor)
        return shown(ticket_type_out(ticket_type))


async def _create(
    session: AsyncSession, concert_id: UUID, data: TicketTypeIn, *, actor: str
) -> Response[TicketTypeStaffOut]:
    concert = await ConcertRepository(session=session).find_locked(concert_id)
    added = await add_ticket_type(session, concert, data, actor=actor)
    return shown(ticket_type_out(added), status=201, location=f"{STAFF}/ticket-types/{added.id}")
