"""Orders over the API, for staff: find, look, call off, give money back; for one, or for all of a concert."""

from collections import Counter
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from apps.accounts.guards import Staff, requires
from apps.checkout.end import BeingPaid, NotPending, cancel
from apps.checkout.permissions import OrderPermission
from apps.checkout.refund import Amount, NotPaid, Part, Pieces, Whole, refund
from apps.checkout.refund_tickets import NoTicketsLeft, refund_all_tickets, ticket_refunds
from apps.checkout.staff_reads import OrderQuery, find_orders, order_for_staff, order_numbered
from apps.checkout.staff_schemas import OrderFoundOut, OrderStaffOut, RefundIn, TicketRefundsOut
from apps.concerts.repositories import ConcertRepository
from apps.concerts.services import WrongConcertState
from apps.core.errors import FieldError, Invalid, NotFound
from apps.core.i18n import lazy as _
from apps.core.moments import Moment, in_utc
from apps.core.once import KeyedOnceDep
from apps.core.openapi import problems
from apps.core.pagination import After, BadCursor, Page, PageSize
from apps.core.preconditions import shown
from apps.core.requests import PERSONAL, AnyRequest, Db, Reads, Session, locale_of
from apps.core.texts import LINE
from apps.orders.models import OrderState
from apps.payments.services import NothingToRefund

ONE_PART = _("Say one of: whole, lines, amount.")
Words = Annotated[
    str,
    QueryParameter(
        name="q",
        max_length=254,
        pattern=LINE,
        required=False,
        description="A number, the beginning of an email address, or a part of a name.",
    ),
]
StateQuery = Annotated[OrderState | None, QueryParameter(name="state", required=False)]
IdQuery = Annotated[UUID | None, QueryParameter(required=False, description="Orders that hold something of it.")]
FromQuery = Annotated[Moment | None, QueryParameter(name="from", required=False, description="Placed then or later.")]
ToQuery = Annotated[Moment | None, QueryParameter(name="to", required=False, description="Placed before.")]


class OrderStaffController(Controller):
    path = "/api/v1/staff/orders"
    tags = ["Staff: orders"]

    @get(
        "/",
        guards=[requires(OrderPermission.ORDERS_VIEW)],
        cache_control=PERSONAL,
        responses=problems(BadCursor),
    )
    async def list(
        self,
        request: AnyRequest,
        reads: Reads,
        q: Words = "",
        in_state: StateQuery = None,
        concert: IdQuery = None,
        product: IdQuery = None,
        placed_from: FromQuery = None,
        placed_to: ToQuery = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[OrderFoundOut]:
        """Orders, the newest first."""
        window = in_utc(**{"from": placed_from, "to": placed_to})
        query = OrderQuery(
            q=q,
            state=in_state,
            concert=concert,
            product=product,
            placed_from=window["from"],
            placed_to=window["to"],
        )
        return await find_orders(reads, query, locale=locale_of(request), limit=limit, after=after)

    @get("/{number:str}", guards=[requires(OrderPermission.ORDERS_VIEW)], responses=problems(NotFound))
    async def show(self, number: FromPath[str], reads: Reads) -> Response[OrderStaffOut]:
        """One order with its tickets, parcels, payments, refunds, and all that was done with it."""
        return shown(await order_for_staff(reads, number))

    @post(
        "/{number:str}/cancel",
        status_code=200,
        guards=[requires(OrderPermission.ORDERS_CANCEL)],
        responses=problems(NotFound, NotPending, BeingPaid),
    )
    async def cancel(self, number: FromPath[str], db: Db, person: Staff) -> Response[OrderStaffOut]:
        """Call off an order that is not paid yet; a paid one is refunded instead."""
        async with db.reads() as reads:
            order = await order_numbered(reads, number)
        await cancel(db, order["id"], actor=person.actor)
        async with db.reads() as reads:
            return shown(await order_for_staff(reads, number))

    @post(
        "/{number:str}/refund",
        status_code=200,
        guards=[requires(OrderPermission.ORDERS_REFUND)],
        responses=problems(NotFound, NotPaid, NothingToRefund),
    )
    async def refund(
        self, number: FromPath[str], data: JSONBody[RefundIn], session: Session, person: Staff, keyed_once: KeyedOnceDep
    ) -> Response[OrderStaffOut]:
        """Give money back; pieces go back on sale. It needs an Idempotency-Key, and a repeat changes nothing."""
        key, part = f"staff:{keyed_once.key.id.hex}", part_of(data)

        async def work() -> Response[OrderStaffOut]:
            connection = await session.connection()
            order = await order_numbered(connection, number)
            await refund(session, order["id"], part, key=key, reason=data.reason, actor=person.actor)
            await session.flush()
            return shown(await order_for_staff(connection, number))

        return await keyed_once(work)


class TicketRefundStaffController(Controller):
    path = "/api/v1/staff/concerts/{id:uuid}/refunds"
    tags = ["Staff: orders"]
    guards = [requires(OrderPermission.ORDERS_REFUND)]

    @get("/", responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[TicketRefundsOut]:
        """How far the refunds of a concert's tickets are, for each currency."""
        concert = await ConcertRepository(session=session).find(id)
        return shown(await ticket_refunds(session, concert.id))

    @post("/", status_code=202, responses=problems(NotFound, WrongConcertState, NoTicketsLeft))
    async def refund(
        self, id: FromPath[UUID], session: Session, person: Staff, keyed_once: KeyedOnceDep
    ) -> Response[TicketRefundsOut]:
        """Give the money for all tickets of a concert that was called off back, each order by itself, in a while.

        What else the orders hold stays with the buyers. It needs an Idempotency-Key, and a repeat changes nothing.
        """

        async def work() -> Response[TicketRefundsOut]:
            concert = await ConcertRepository(session=session).find_locked(id)
            await refund_all_tickets(session, concert, actor=person.actor)
            return shown(await ticket_refunds(session, concert.id), status=202)

        return await keyed_once(work)


def part_of(wanted: RefundIn) -> Part:
    """Raises Invalid unless it is exactly one of the three."""
    if (bool(wanted.whole), wanted.lines is not None, wanted.amount is not None).count(True) != 1:
        raise Invalid(errors=[FieldError("whole", ONE_PART)])
    if wanted.lines is not None:
        pieces: Counter[UUID] = Counter()
        for each in wanted.lines:
            pieces[each.line] += each.quantity
        return Pieces(pieces)
    return Whole() if wanted.amount is None else Amount(wanted.amount)
