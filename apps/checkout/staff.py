"""Orders over the API, for staff: find, look, call off, give money back; for one, or for all of a concert."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, requires
from apps.checkout.box_office.refund_tickets import NoTicketsLeft, refund_all_tickets, ticket_refunds
from apps.checkout.give_away import NotToBeGiven, give_away
from apps.checkout.paying.end import BeingPaid, NotPending, cancel
from apps.checkout.permissions import OrderPermission
from apps.checkout.queue.place import AddressMissing
from apps.checkout.queue.selling import OfferGone, SoldOut
from apps.checkout.refund import Amount, NotPaid, Part, Pieces, Whole, refund
from apps.checkout.resend import NotDelivered, SentTooOften
from apps.checkout.staff_reads import OrderQuery, find_orders, order_for_staff, order_numbered
from apps.checkout.staff_schemas import (
    GiftIn,
    OrderFoundOut,
    OrderStaffOut,
    ParcelsIn,
    RefundIn,
    ResendIn,
    TicketRefundsOut,
    TrackingIn,
)
from apps.checkout.staff_verbs import move_parcels, send_again
from apps.concerts.repositories import ConcertRepository
from apps.concerts.scheduling.services import WrongConcertState
from apps.core.errors import FieldError, Invalid, NotFound
from apps.core.http.filters import IdsQuery, UpdatedAfter, ids_in
from apps.core.http.once import KeyedOnceDep, OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, AnyRequest, Db, Reads, Session, locale_of
from apps.core.text.datetimes import Moment, in_utc
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import LINE
from apps.orders.models import OrderState
from apps.payments.services import NothingToRefund
from apps.shop.shipping import NothingToMove, correct_tracking

ORDERS = "/api/v1/staff/orders"
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
    path = ORDERS
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
        ids: IdsQuery = None,
        updated_after: UpdatedAfter = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[OrderFoundOut]:
        """Orders, the newest first; with `updated_after` the first that changed comes first, its parcels included."""
        window = in_utc(**{"from": placed_from, "to": placed_to, "updated_after": updated_after})
        query = OrderQuery(
            q=q,
            state=in_state,
            concert=concert,
            product=product,
            placed_from=window["from"],
            placed_to=window["to"],
            ids=ids_in(ids),
            updated_after=window["updated_after"],
        )
        return await find_orders(reads, query, locale=locale_of(request), limit=limit, after=after)

    @post(
        "/",
        status_code=201,
        guards=[requires(OrderPermission.ORDERS_COMP)],
        responses=problems(NotToBeGiven, OfferGone, SoldOut, AddressMissing),
    )
    async def give_away(
        self, data: JSONBody[GiftIn], session: Session, person: Staff, keyed_once: KeyedOnceDep
    ) -> Response[OrderStaffOut]:
        """Give tickets and merch away: an order free of charge, paid at once; tickets and mail follow in a moment.

        Sale windows and limits do not bind it; what is scarce is taken as by every order. It needs an Idempotency-Key.
        """

        async def work() -> Response[OrderStaffOut]:
            order = await give_away(session, data, actor=person.actor)
            out = await order_for_staff(await session.connection(), order.number)
            return shown(out, status=201, location=f"{ORDERS}/{order.number}")

        return await keyed_once(work)

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


class OrderWorkStaffController(Controller):
    """Parcels and mails."""

    path = ORDERS
    tags = ["Staff: orders"]

    @post(
        "/{number:str}/parcels",
        status_code=200,
        operation_id="moveStaffOrderParcels",
        guards=[requires(OrderPermission.ORDERS_SHIP)],
        responses=problems(NotFound, NothingToMove),
    )
    async def move_parcels(
        self, number: FromPath[str], data: JSONBody[ParcelsIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[OrderStaffOut]:
        """Say that the parcels are packed, shipped (the buyer is told), delivered, picked up or returned.

        All of the order's that may go there; what is shipped and was not packed yet is packed with it.
        """

        async def work() -> Response[OrderStaffOut]:
            return await _done(session, number, partial(move_parcels, wanted=data, actor=person.actor))

        return await once(work)

    @put(
        "/{number:str}/tracking",
        guards=[requires(OrderPermission.ORDERS_SHIP)],
        responses=problems(NotFound, NothingToMove),
    )
    async def correct_tracking(
        self, number: FromPath[str], data: JSONBody[TrackingIn], session: Session, person: Staff
    ) -> Response[OrderStaffOut]:
        """Put the number of what is on its way right; no mail is sent."""
        return await _done(session, number, partial(correct_tracking, tracking=data.tracking, actor=person.actor))

    @post(
        "/{number:str}/resend",
        status_code=200,
        guards=[requires(OrderPermission.ORDERS_RESEND)],
        responses=problems(NotFound, NotDelivered, SentTooOften),
    )
    async def resend(
        self, number: FromPath[str], data: JSONBody[ResendIn], session: Session, person: Staff, keyed_once: KeyedOnceDep
    ) -> Response[OrderStaffOut]:
        """Mail the order with its tickets once more, five times an hour at most. It needs an Idempotency-Key."""
        send = partial(send_again, wanted=data, key=keyed_once.key.id, actor=person.actor)

        async def work() -> Response[OrderStaffOut]:
            return await _done(session, number, send)

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


async def _done(
    session: AsyncSession, number: str, work: Callable[[AsyncSession, UUID], Awaitable[None]]
) -> Response[OrderStaffOut]:
    """The order after `work`. Raises NotFound."""
    connection = await session.connection()
    await work(session, (await order_numbered(connection, number))["id"])
    await session.flush()
    return shown(await order_for_staff(connection, number))


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
