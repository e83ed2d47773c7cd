"""Withdrawals over the API, for staff: find, take the goods back, refund, refuse."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, fresh_proof, requires
from apps.core.errors import NotFound
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.string_types import LINE
from apps.orders.permissions import OrderPermission as P
from apps.shop.withdrawals.models import WithdrawalState
from apps.shop.withdrawals.reading import WithdrawalQuery, find_withdrawals, withdrawal_for_staff
from apps.shop.withdrawals.schemas import RefuseIn, WithdrawalFoundOut
from apps.shop.withdrawals.services import WithdrawalClosed, receive_back, refund_withdrawn, refuse

OrderQuery = Annotated[
    str, QueryParameter(name="order", max_length=12, pattern=LINE, required=False, description="An order's number.")
]
StateQuery = Annotated[WithdrawalState | None, QueryParameter(name="state", required=False)]
Work = Callable[..., Awaitable[None]]
REFUSALS = problems(NotFound, WithdrawalClosed)


class WithdrawalStaffController(Controller):
    path = "/api/v1/staff/withdrawals"
    tags = ["Staff: orders"]

    @get("/", guards=[requires(P.ORDERS_VIEW)], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        order: OrderQuery = "",
        in_state: StateQuery = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[WithdrawalFoundOut]:
        """Withdrawals from orders, the newest first."""
        query = WithdrawalQuery(order=order, state=in_state)
        return await find_withdrawals(reads, query, limit=limit, after=after)

    @get("/{id:uuid}", guards=[requires(P.ORDERS_VIEW)], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], reads: Reads) -> Response[WithdrawalFoundOut]:
        """One withdrawal, with what was declared."""
        return shown(await withdrawal_for_staff(reads, id))

    @post("/{id:uuid}/receive", status_code=200, guards=[requires(P.ORDERS_SHIP)], responses=REFUSALS)
    async def receive(
        self, id: FromPath[UUID], session: Session, current_user: Staff, idempotent: IdempotentDep
    ) -> Response[WithdrawalFoundOut]:
        """Say that the goods have come back."""
        return await idempotent(_after, session, id, partial(receive_back, actor=current_user.actor))

    @post("/{id:uuid}/refund", status_code=200, guards=[requires(P.ORDERS_REFUND), fresh_proof], responses=REFUSALS)
    async def refund(
        self, id: FromPath[UUID], session: Session, current_user: Staff, idempotent: IdempotentDep
    ) -> Response[WithdrawalFoundOut]:
        """Refund what was paid for the pieces, with shipping when none of the order's merch is kept."""
        return await idempotent(_after, session, id, partial(refund_withdrawn, actor=current_user.actor))

    @post("/{id:uuid}/refuse", status_code=200, guards=[requires(P.ORDERS_REFUND)], responses=REFUSALS)
    async def refuse(
        self,
        id: FromPath[UUID],
        data: JSONBody[RefuseIn],
        session: Session,
        current_user: Staff,
        idempotent: IdempotentDep,
    ) -> Response[WithdrawalFoundOut]:
        """Refuse it; the fan is mailed the reason."""
        work = partial(refuse, reason=data.reason, actor=current_user.actor)
        return await idempotent(_after, session, id, work)


async def _after(session: AsyncSession, id: UUID, work: Work) -> Response[WithdrawalFoundOut]:
    """The withdrawal after `work`. Raises NotFound."""
    await work(session, id)
    await session.flush()
    return shown(await withdrawal_for_staff(await session.connection(), id))
