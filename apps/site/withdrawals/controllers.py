"""The pages by which a fan withdraws from the contract for merch, for who has the order's key."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.checkout.limits import ORDER_LOOKS
from apps.checkout.order_view import find_order
from apps.core.errors import AppError
from apps.core.http.forms import NOTHING, BadForm, Filled, Typed, fill, typed_in
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.shop.withdrawals.controllers import WITHDRAWALS
from apps.shop.withdrawals.reading import Withdrawable, find_withdrawable
from apps.shop.withdrawals.services import Declaration, chosen_lines, statement_of, withdraw
from apps.site.orders.controllers import ORDER_HEADERS, OrderKey
from apps.site.orders.order_links import order_path
from apps.site.pages import SiteController, site_page
from apps.site.withdrawals.withdrawal_form import WithdrawalIn, confirmed_pieces, first_form, read_form


class WithdrawalPageController(SiteController):
    path = "/orders/{number:str}/withdraw"

    @get("/", limit=ORDER_LOOKS)
    async def ask(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = "") -> Response[str]:
        """Step one: who withdraws, from what, and where the confirmation goes."""
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
            withdrawable = await find_withdrawable(reads, order, locale=locale_of(request))
            form = first_form(order.name, order.email, withdrawable)
            return await _first_step(request, reads, order, key, withdrawable, form)

    @post("/", limit=ORDER_LOOKS)
    async def check(self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = "") -> Response[str]:
        """Step two is shown, with all that is declared by it."""
        typed = await typed_in(request)
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
            withdrawable = await find_withdrawable(reads, order, locale=order.locale)
            form = read_form(typed, withdrawable)
            if form.declaration is None:
                return await _first_step(request, reads, order, key, withdrawable, form.filled)
            return await _second_step(request, reads, order, key, withdrawable, form.declaration)

    @post("/confirm", limit=WITHDRAWALS)
    async def confirm(
        self, number: FromPath[str], request: AnyRequest, db: Db, key: OrderKey = ""
    ) -> Response[str] | Response[None]:
        """A second click leads to the same withdrawal."""
        typed = await typed_in(request)
        async with db.reads() as reads:
            order = await find_order(reads, number, key)
        declared, once = _confirmed(typed)
        try:
            async with db.begin() as session:
                await withdraw(session, order.id, declared, key=once)
        except AppError as refusal:
            async with db.reads() as reads:
                withdrawable = await find_withdrawable(reads, order, locale=locale_of(request))
                form: Filled[WithdrawalIn] = Filled(typed, NOTHING, None)
                return await _first_step(request, reads, order, key, withdrawable, form, refusal)
        return Redirect(f"{order_path(order.number, key)}#withdrawals", status_code=303, headers=ORDER_HEADERS)


def _confirmed(typed: Typed) -> tuple[Declaration, UUID]:
    """Raises BadForm: nobody types here."""
    filled = fill(WithdrawalIn, typed)
    try:
        once = UUID(typed.get("once", ""))
    except ValueError:
        raise BadForm from None
    if filled.value is None:
        raise BadForm
    return Declaration(filled.value.name, filled.value.email.lower(), confirmed_pieces(typed)), once


async def _first_step(
    request: AnyRequest,
    reads: AsyncConnection,
    order: Any,
    key: str,
    withdrawable: Withdrawable,
    form: Filled[WithdrawalIn],
    refusal: AppError | None = None,
) -> Response[str]:
    words: dict[str, Any] = {"refusal": refusal.sentence(locale_of(request)) if refusal else None}
    if refusal or form.errors:
        words["status"] = refusal.status if refusal else 422
    return await site_page(
        request,
        reads,
        "site/withdrawals/withdraw.html",
        headers=ORDER_HEADERS,
        order=order,
        back=order_path(order.number, key),
        key=key,
        withdrawable=withdrawable,
        form=form,
        **words,
    )


async def _second_step(
    request: AnyRequest,
    reads: AsyncConnection,
    order: Any,
    key: str,
    withdrawable: Withdrawable,
    declared: Declaration,
) -> Response[str]:
    return await site_page(
        request,
        reads,
        "site/withdrawals/confirm.html",
        headers=ORDER_HEADERS,
        order=order,
        key=key,
        declared=declared,
        statement=statement_of(order, declared, chosen_lines(withdrawable, declared.pieces)),
        once=uuid7(),
    )
