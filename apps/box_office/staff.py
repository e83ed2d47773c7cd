"""Refunds of all tickets of a concert over the API, for staff."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, fresh_proof, requires
from apps.box_office.refund_tickets import NoTicketsLeft, refund_all_tickets
from apps.box_office.schemas import TicketRefundsOut
from apps.box_office.staff_reads import ticket_refunds
from apps.concerts.repositories import ConcertRepository
from apps.concerts.scheduling.services import WrongConcertState
from apps.core.errors import NotFound
from apps.core.http.idempotent_requests import IdempotentWithKeyDep
from apps.core.http.openapi import problems
from apps.core.http.preconditions import shown
from apps.core.http.requests import Session
from apps.orders.permissions import OrderPermission


class TicketRefundStaffController(Controller):
    path = "/api/v1/staff/concerts/{id:uuid}/refunds"
    tags = ["Staff: orders"]
    guards = [requires(OrderPermission.ORDERS_REFUND)]

    @get("/", responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[TicketRefundsOut]:
        """How far the refunds of a concert's tickets are, for each currency."""
        concert = await ConcertRepository(session=session).find(id)
        return shown(await ticket_refunds(session, concert.id))

    @post("/", status_code=202, guards=[fresh_proof], responses=problems(NotFound, WrongConcertState, NoTicketsLeft))
    async def refund(
        self, id: FromPath[UUID], session: Session, current_user: Staff, idempotent_with_key: IdempotentWithKeyDep
    ) -> Response[TicketRefundsOut]:
        """Give the money for all tickets of a concert that was cancelled back, each order by itself, in a while.

        What else the orders hold stays with the customers. It needs an Idempotency-Key, and a repeat changes nothing.
        """
        return await idempotent_with_key(_refund, session, id, actor=current_user.actor)


async def _refund(session: AsyncSession, concert_id: UUID, *, actor: str) -> Response[TicketRefundsOut]:
    concert = await ConcertRepository(session=session).find_locked(concert_id)
    await refund_all_tickets(session, concert, actor=actor)
    return shown(await ticket_refunds(session, concert.id), status=202)
