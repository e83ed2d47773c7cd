"""Orders over the API, for staff: find, look, cancel, refund, email once more."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from inspect import Parameter, Signature
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, fresh_proof, requires
from apps.checkout.comp_orders import CannotBeGiven, place_comp_order
from apps.checkout.paying.cancel import BeingPaid, NotPending, cancel
from apps.checkout.paying.receive import receive, refunds_sent
from apps.checkout.queue.place_order import AddressMissing
from apps.checkout.queue.sale_rules import OfferGone, SoldOut
from apps.checkout.refunds.refund import NotPaid, OrderDisputed, refund
from apps.checkout.refunds.scope import Amount, LineQuantities, Scope, Whole
from apps.checkout.resend import NotDelivered, SentTooOften, renew, resend
from apps.checkout.staff_reads import OrderQuery, find_orders, order_for_staff, order_numbered
from apps.checkout.staff_schemas import (
    CompOrderIn,
    OrderFoundOut,
    OrderStaffOut,
    ReceivedIn,
    RefundIn,
    ResendIn,
)
from apps.core.errors import FieldError, Invalid, NotFound
from apps.core.http.filters import IdsQuery, UpdatedAfter, ids_in
from apps.core.http.idempotent_requests import IdempotentWithKeyDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, AnyRequest, Db, Reads, Session, locale_of
from apps.core.text.datetimes import AwareDatetime, in_utc
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import LINE
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.models import OrderState
from apps.orders.permissions import OrderPermission
from apps.payments.offline.services import NotToReceive
from apps.payments.permissions import PaymentPermission
from apps.payments.refunds import MoneyDisputed, NothingToRefund, PartNotRefunded

ORDERS = "/api/v1/staff/orders"
ONE_PART = _("Say one of: whole, lines, amount.")
SearchText = Annotated[
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
ParentQuery = Annotated[UUID | None, QueryParameter(required=False, description="Orders that hold something of it.")]
FromQuery = Annotated[
    AwareDatetime | None, QueryParameter(name="from", required=False, description="Placed then or later.")
]
ToQuery = Annotated[AwareDatetime | None, QueryParameter(name="to", required=False, description="Placed before.")]
Holds = Mapping[str, UUID]
"""By what a kind's offers belong to, the id that was asked for."""
HoldsDep = NamedDependency[Holds]


def parents_asked_for() -> Callable[..., Holds]:
    """Takes the id of what a kind's offers belong to, a parameter for each kind: ?concert=…"""

    def holds(**asked: UUID | None) -> Holds:
        return {parent: id for parent, id in asked.items() if id}

    names = [kind.parent for kind in fulfilments()]
    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=ParentQuery) for name in names]
    holds.__signature__ = Signature(parameters, return_annotation=Holds)  # type: ignore[attr-defined]
    holds.__annotations__ = {**dict.fromkeys(names, ParentQuery), "return": Holds}
    return holds


class OrderStaffController(Controller):
    path = ORDERS
    tags = ["Staff: orders"]
    dependencies = {"holds": Provide(parents_asked_for(), sync_to_thread=False)}

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
        holds: HoldsDep,
        q: SearchText = "",
        in_state: StateQuery = None,
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
            holds=holds,
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
        responses=problems(CannotBeGiven, OfferGone, SoldOut, AddressMissing),
    )
    async def place_comp_order(
        self,
        data: JSONBody[CompOrderIn],
        session: Session,
        current_user: Staff,
        idempotent_with_key: IdempotentWithKeyDep,
    ) -> Response[OrderStaffOut]:
        """Give tickets and merch away: an order free of charge, paid at once; tickets and mail follow in a moment.

        Sale windows and limits do not bind it; what is scarce is taken as by every order. It needs an Idempotency-Key.
        """
        return await idempotent_with_key(_place_comp_order, session, data, actor=current_user.actor)

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
    async def cancel(self, number: FromPath[str], db: Db, current_user: Staff) -> Response[OrderStaffOut]:
        """Call off an order that is not paid yet; a paid one is refunded instead."""
        async with db.reads() as reads:
            order = await order_numbered(reads, number)
        await cancel(db, order.id, actor=current_user.actor)
        async with db.reads() as reads:
            return shown(await order_for_staff(reads, number))

    @post(
        "/{number:str}/refund",
        status_code=200,
        guards=[requires(OrderPermission.ORDERS_REFUND), fresh_proof],
        responses=problems(NotFound, NotPaid, OrderDisputed, NothingToRefund, MoneyDisputed, PartNotRefunded),
    )
    async def refund(
        self,
        number: FromPath[str],
        data: JSONBody[RefundIn],
        session: Session,
        current_user: Staff,
        idempotent_with_key: IdempotentWithKeyDep,
    ) -> Response[OrderStaffOut]:
        """Give money back; pieces go back on sale. It needs an Idempotency-Key, and a repeat changes nothing."""
        key, scope = f"staff:{idempotent_with_key.key.id.hex}", scope_of(data)
        give_back = partial(refund, scope=scope, key=key, reason=data.reason, actor=current_user.actor)
        return await idempotent_with_key(order_after, session, number, give_back)

    @post(
        "/{number:str}/receive",
        status_code=200,
        guards=[requires(PaymentPermission.PAYMENTS_RECEIVE), fresh_proof],
        responses=problems(NotFound, NotToReceive),
    )
    async def receive(
        self,
        number: FromPath[str],
        data: JSONBody[ReceivedIn],
        session: Session,
        current_user: Staff,
        idempotent_with_key: IdempotentWithKeyDep,
    ) -> Response[OrderStaffOut]:
        """The money of a bank transfer or cash has come: with the whole amount the order is paid a moment later.

        Any other amount has to be given back. It needs an Idempotency-Key, and a repeat changes nothing.
        """
        take = partial(receive, amount=data.amount, note=data.note, actor=current_user.actor)
        return await idempotent_with_key(order_after, session, number, take)

    @post(
        "/{number:str}/refunds-sent",
        status_code=200,
        guards=[requires(PaymentPermission.PAYMENTS_RECEIVE), fresh_proof],
        responses=problems(NotFound),
    )
    async def refunds_sent(
        self, number: FromPath[str], session: Session, current_user: Staff
    ) -> Response[OrderStaffOut]:
        """All refunds of bank transfers and cash were sent or paid out; with none that wait nothing changes."""
        return await order_after(session, number, partial(refunds_sent, actor=current_user.actor))

    @post(
        "/{number:str}/resend",
        status_code=200,
        guards=[requires(OrderPermission.ORDERS_RESEND)],
        responses=problems(NotFound, NotDelivered, SentTooOften),
    )
    async def resend(
        self,
        number: FromPath[str],
        data: JSONBody[ResendIn],
        session: Session,
        current_user: Staff,
        idempotent_with_key: IdempotentWithKeyDep,
    ) -> Response[OrderStaffOut]:
        """Mail the order with its tickets once more, five times an hour at most. It needs an Idempotency-Key."""
        send = partial(
            renew if data.new_codes else resend, to=data.email, key=idempotent_with_key.key.id, actor=current_user.actor
        )
        return await idempotent_with_key(order_after, session, number, send)


async def _place_comp_order(session: AsyncSession, data: CompOrderIn, *, actor: str) -> Response[OrderStaffOut]:
    order = await place_comp_order(session, data, actor=actor)
    out = await order_for_staff(await session.connection(), order.number)
    return shown(out, status=201, location=f"{ORDERS}/{order.number}")


async def order_after(
    session: AsyncSession, number: str, work: Callable[[AsyncSession, UUID], Awaitable[None]]
) -> Response[OrderStaffOut]:
    """The order after `work`. Raises NotFound."""
    connection = await session.connection()
    await work(session, (await order_numbered(connection, number)).id)
    await session.flush()
    return shown(await order_for_staff(connection, number))


def scope_of(data: RefundIn) -> Scope:
    """Raises Invalid unless it is exactly one of the three."""
    if (bool(data.whole), data.lines is not None, data.amount is not None).count(True) != 1:
        raise Invalid(errors=[FieldError("whole", ONE_PART)])
    if data.lines is not None:
        quantities: Counter[UUID] = Counter()
        for each in data.lines:
            quantities[each.line] += each.quantity
        return LineQuantities(quantities)
    return Whole() if data.amount is None else Amount(data.amount)
