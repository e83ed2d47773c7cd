"""Withdrawals over the API, for who holds the order's key or placed it signed in."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from apps.checkout.controllers.common import NOT_YOURS, OrderKey, key_of, order_of
from apps.checkout.limits import ORDER_LOOKS
from apps.core.http.idempotency import IdempotencyKey, KeyReused
from apps.core.http.openapi import problems
from apps.core.http.rate_limits import limited
from apps.core.http.requests import MAY_SIGN_IN, SECRET, SMALL_BODY, AnyRequest, Db, locale_of
from apps.shop.withdrawals.reading import withdrawal_of, withdrawals_view
from apps.shop.withdrawals.schemas import OrderWithdrawalsOut, PiecesIn, WithdrawalIn, WithdrawalOut
from apps.shop.withdrawals.services import Declaration, NothingToWithdraw, TooLateToWithdraw, withdraw

WITHDRAWALS = limited("withdrawals", 30, per=timedelta(minutes=1))
"""Each sends a mail, to an address that anybody may have typed."""


class WithdrawalController(Controller):
    path = "/api/v1/orders/{number:str}/withdrawals"
    opt = MAY_SIGN_IN
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Checkout"]

    @get("/", limit=ORDER_LOOKS, operation_id="listOrderWithdrawals", responses=problems(*NOT_YOURS))
    async def show(
        self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = None
    ) -> OrderWithdrawalsOut:
        """What may still be withdrawn from, until when, and the withdrawals that there are.

        Show it, and send the withdrawal once its author has confirmed it: those are the two steps of the law.
        """
        order = await order_of(db, request, number, key)
        async with db.reads() as reads:
            return await withdrawals_view(reads, order, locale=locale_of(request))

    @post(
        "/",
        status_code=201,
        limit=WITHDRAWALS,
        operation_id="withdrawFromOrder",
        responses=problems(*NOT_YOURS, NothingToWithdraw, TooLateToWithdraw, KeyReused),
    )
    async def withdraw(
        self,
        number: FromPath[str],
        data: JSONBody[WithdrawalIn],
        request: AnyRequest,
        db: Db,
        key: OrderKey = None,
        idempotency_key: IdempotencyKey = None,
    ) -> WithdrawalOut:
        """Withdraw from the contract for merch of the order; a receipt with the time of submission is mailed at once.

        With an Idempotency-Key a repeat is answered as the first. Tickets for a date cannot be withdrawn from.
        """
        order = await order_of(db, request, number, key)
        named = await key_of(request, idempotency_key, str(order.id))
        declared = Declaration(data.name.strip(), (data.email or order.email).lower(), _pieces(data.lines))
        async with db.begin() as session:
            withdrawal = await withdraw(session, order.id, declared, key=named.id)
            return await withdrawal_of(await session.connection(), withdrawal.id, locale=locale_of(request))


def _pieces(lines: list[PiecesIn] | None) -> Counter[UUID] | None:
    if lines is None:
        return None
    pieces: Counter[UUID] = Counter()
    for each in lines:
        pieces[each.line] += each.quantity
    return pieces
