"""A fan withdraws; staff take the goods back, refund, or refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.refunds.refund import refund
from apps.checkout.refunds.scope import Returned
from apps.core.audit import record
from apps.core.db.database import now
from apps.core.db.states import WrongState
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.http.idempotency import KeyReused
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.models import Order, OrderLine
from apps.orders.repositories import OrderRepository
from apps.shop.models import MERCH
from apps.shop.withdrawals.events import OrderWithdrawn, WithdrawalRefused
from apps.shop.withdrawals.models import Withdrawal, WithdrawalLine, WithdrawalState
from apps.shop.withdrawals.reading import Withdrawable, find_withdrawable
from apps.shop.withdrawals.repositories import WithdrawalRepository
from apps.shop.withdrawals.schemas import PiecesOut
from project.settings import settings

STATES: Mapping[Any, Lazy] = {
    WithdrawalState.open: _("Open"),
    WithdrawalState.received_back: _("Goods received"),
    WithdrawalState.refunded: _("Refunded"),
    WithdrawalState.refused: _("Refused"),
}
DECLARED = _("I withdraw from the contract for the purchase of these goods:")
ORDER = _("Order {number} of {day}")
NAME, RECEIPT_TO = _("Name: {name}"), _("Confirmation to: {email}")
REASON = _("Withdrawal from the contract")


class NothingToWithdraw(AppError):
    """Not paid, free, not merch, refunded or withdrawn already; or not offered there."""

    status = 409
    type = "nothing-to-withdraw"
    message = _("There is nothing in this order that can be withdrawn from, or not so many pieces.")


class TooLateToWithdraw(AppError):
    status = 409
    type = "too-late-to-withdraw"
    message = _("The time in which this order could be withdrawn from is over.")


class WithdrawalClosed(WrongState):
    type = "withdrawal-closed"
    message = _("This return is in the state “{state}”: this cannot be done with it any more.")
    names = STATES


@dataclass(frozen=True, slots=True)
class Declaration:
    """Who withdraws, and from what: line id → pieces, None for all that is left. The receipt goes to `email`."""

    name: str
    email: str
    pieces: Mapping[UUID, int] | None


async def withdraw(session: AsyncSession, order_id: UUID, declared: Declaration, *, key: UUID) -> Withdrawal:
    """`key` names it among those of its order: a repeat changes nothing, and returns the first.

    Raises NothingToWithdraw, TooLateToWithdraw, KeyReused.
    """
    order = await OrderRepository(session=session).lock(order_id)
    repository = WithdrawalRepository(session=session)
    if known := await repository.get_one_or_none(order_id=order.id, key=key):
        return await _same(repository, known, declared)
    withdrawable = await find_withdrawable(await session.connection(), order, locale=order.locale)
    lines = chosen_lines(withdrawable, declared.pieces)
    withdrawal = await _write(session, order, declared, lines, key=key)
    pieces = {str(each.line): each.quantity for each in lines}
    record(session, "shop.withdraw", withdrawal, actor="customer", after={"pieces": pieces})
    await publish(session, OrderWithdrawn(order.id, withdrawal.id))
    return withdrawal


async def _same(repository: WithdrawalRepository, known: Withdrawal, declared: Declaration) -> Withdrawal:
    lines = {each.order_line_id: each.quantity for each in await repository.lines(known.id)}
    if (known.name, known.email) != (declared.name, declared.email) or declared.pieces not in (None, lines):
        raise KeyReused
    return known


def chosen_lines(withdrawable: Withdrawable, pieces: Mapping[UUID, int] | None) -> Sequence[PiecesOut]:
    """Those of the order's lines that are withdrawn. Raises NothingToWithdraw, TooLateToWithdraw."""
    if withdrawable.is_over:
        raise TooLateToWithdraw
    left = {each.line: each for each in withdrawable.lines}
    asked = {id: each.quantity for id, each in left.items()} if pieces is None else pieces
    if not asked or any(id not in left or not 0 < count <= left[id].quantity for id, count in asked.items()):
        raise NothingToWithdraw
    return [PiecesOut(id, each.title, asked[id]) for id, each in left.items() if id in asked]


async def _write(
    session: AsyncSession, order: Order, declared: Declaration, lines: Sequence[PiecesOut], *, key: UUID
) -> Withdrawal:
    withdrawal = Withdrawal(
        order_id=order.id,
        order_number=order.number,
        key=key,
        state=WithdrawalState.open,
        name=declared.name,
        email=declared.email,
        statement=statement_of(order, declared, lines),
    )
    session.add(withdrawal)
    await session.flush()
    session.add_all(
        WithdrawalLine(withdrawal_id=withdrawal.id, order_line_id=each.line, quantity=each.quantity) for each in lines
    )
    await session.flush()
    return withdrawal


def statement_of(order: Any, declared: Declaration, lines: Sequence[PiecesOut]) -> str:
    """What is declared, from the order's columns, in its language."""
    locale = order.locale
    placed = order.created_at.astimezone(ZoneInfo(settings.time_zone))
    day = format_date(placed, "long", locale=locale)
    return "\n".join(
        (
            DECLARED.in_locale(locale),
            *(f"{each.quantity} × {each.title}" for each in lines),
            ORDER.in_locale(locale).format(number=order.number, day=day),
            NAME.in_locale(locale).format(name=declared.name),
            RECEIPT_TO.in_locale(locale).format(email=declared.email),
        )
    )


async def receive_back(session: AsyncSession, id: UUID, *, actor: str) -> None:
    """The goods are here. Raises NotFound, WithdrawalClosed."""
    withdrawal = await _locked(session, id, WithdrawalState.received_back)
    withdrawal.received_at = await now(session)
    _move(session, withdrawal, WithdrawalState.received_back, "shop.receive_withdrawn", actor=actor)


async def refuse(session: AsyncSession, id: UUID, *, reason: str, actor: str) -> None:
    """The fan is told why. Raises NotFound, WithdrawalClosed."""
    withdrawal = await _locked(session, id, WithdrawalState.refused)
    withdrawal.refused_at, withdrawal.note = await now(session), reason
    _move(session, withdrawal, WithdrawalState.refused, "shop.refuse_withdrawal", actor=actor, note=reason)
    await publish(session, WithdrawalRefused(withdrawal.order_id, withdrawal.id))


async def refund_withdrawn(session: AsyncSession, id: UUID, *, actor: str) -> None:
    """What was paid for the pieces, and for shipping when none of the order's merch is kept.

    Pieces that were refunded otherwise meanwhile are left out. Raises NotFound, WithdrawalClosed.
    """
    withdrawal = await _locked(session, id, WithdrawalState.refunded)
    order_id = withdrawal.order_id
    scope = await scope_of_refund(session, withdrawal)
    _move(session, withdrawal, WithdrawalState.refunded, "shop.refund_withdrawn", actor=actor)
    if scope.quantities:
        reason = REASON.in_locale("en")
        await refund(session, order_id, scope, key=f"withdrawal:{id}", reason=reason, actor=actor)


async def scope_of_refund(session: AsyncSession, withdrawal: Withdrawal) -> Returned:
    """What is left to refund of it, as the order is now."""
    order = await OrderRepository(session=session).get_one(id=withdrawal.order_id)
    lines = {each.id: each for each in await OrderRepository(session=session).lines(order.id)}
    withdrawn = await WithdrawalRepository(session=session).lines(withdrawal.id)
    pieces = {each.order_line_id: min(each.quantity, _left(lines[each.order_line_id])) for each in withdrawn}
    quantities = {id: quantity for id, quantity in pieces.items() if quantity}
    merch = [each for each in lines.values() if each.kind == MERCH]
    is_all = all(_left(each) == quantities.get(each.id, 0) for each in merch)
    return Returned(quantities, shipping=order.shipping if is_all else 0)


def _left(line: OrderLine) -> int:
    return line.quantity - line.refunded_quantity


async def _locked(session: AsyncSession, id: UUID, to: WithdrawalState) -> Withdrawal:
    """The order is locked before it. Raises NotFound, WithdrawalClosed unless it may go there."""
    repository = WithdrawalRepository(session=session)
    await OrderRepository(session=session).lock((await repository.find(id)).order_id)
    withdrawal = await repository.find_locked(id)
    if not withdrawal.may_move(to):
        raise WithdrawalClosed(state=withdrawal.state)
    return withdrawal


def _move(
    session: AsyncSession, withdrawal: Withdrawal, to: WithdrawalState, action: str, *, actor: str, note: str = ""
) -> None:
    before = {"state": withdrawal.state}
    withdrawal.move(to)
    after = {"state": to, "note": note} if note else {"state": to}
    record(session, action, withdrawal, actor=actor, before=before, after=after)
