"""Refunds of a paid order: the whole, some pieces of some lines, or an amount. Pieces go back on sale."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.errors import NotFound
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.inventory.ledger import Ledger
from apps.orders.events import OrderRefunded
from apps.orders.kinds import fulfilment_of
from apps.orders.models import Order, OrderLine, OrderRefund, OrderRefundLine, OrderState
from apps.orders.repositories import OrderRefundRepository, OrderRepository
from apps.orders.states import WrongOrderState
from apps.payments.repositories import PaymentRepository, RefundRepository
from apps.payments.services import NothingToRefund, promise_refund

log = structlog.get_logger(__name__)


class NotPaid(WrongOrderState):
    type = "order-not-paid"
    message = _("This order is {state}: there is nothing to refund.")


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that is left of the order, shipping too."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Line id → how many of its pieces come back, at the price that was paid."""

    quantities: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Lines:
    """All that is left of these lines, at the price that was paid; less where an amount went back before."""

    ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Amount:
    """Money only, in minor units; the fan keeps the goods."""

    minor: int


Part = Whole | Pieces | Lines | Amount


async def refund(session: AsyncSession, order_id: UUID, part: Part, *, key: str, reason: str, actor: str) -> None:
    """`key` names this refund among the order's: a repeat with the same key changes nothing."""
    orders = OrderRepository(session=session)
    order = await orders.lock(order_id)
    if await OrderRefundRepository(session=session).exists(order_id=order.id, key=key):
        return
    if order.state not in (OrderState.paid, OrderState.refunded):
        raise NotPaid(state=order.state)
    lines = {line.id: line for line in await orders.lines(order.id)}
    pieces = _pieces(lines, part)
    given = OrderRefund(order_id=order.id, key=key, reason=reason, actor=actor, amount=0)
    await _send_money(session, order, given, amount=_money(order, lines, part, pieces))
    await _take_back(session, lines, pieces)
    _close_if_nothing_is_left(order, list(lines.values()))
    _write_down(session, order, given, pieces)


def _pieces(lines: Mapping[UUID, OrderLine], part: Part) -> Mapping[UUID, int]:
    match part:
        case Whole():
            return _rest(lines.values())
        case Lines(ids):
            return _rest(lines[id] for id in ids)
        case Amount():
            return {}
        case Pieces(quantities):
            _refuse_wrong_pieces(lines, quantities)
            return quantities


def _rest(lines: Iterable[OrderLine]) -> Mapping[UUID, int]:
    rest = {line.id: line.quantity - line.refunded_quantity for line in lines}
    return {id: quantity for id, quantity in rest.items() if quantity}


def _refuse_wrong_pieces(lines: Mapping[UUID, OrderLine], quantities: Mapping[UUID, int]) -> None:
    for id, quantity in quantities.items():
        line = lines.get(id)
        if line is None:
            raise NotFound
        if not 0 < quantity <= line.quantity - line.refunded_quantity:
            raise NothingToRefund


def _money(order: Order, lines: Mapping[UUID, OrderLine], part: Part, pieces: Mapping[UUID, int]) -> int:
    left = order.total - order.refunded
    price = sum(lines[id].unit_price * quantity for id, quantity in pieces.items())
    match part:
        case Whole():
            return left
        case Amount(minor):
            wanted = minor
        case Pieces():
            wanted = price
        case Lines():
            wanted = min(price, left)
    if wanted > left:
        raise NothingToRefund
    return wanted


async def _send_money(session: AsyncSession, order: Order, given: OrderRefund, *, amount: int) -> None:
    if not amount or order.payment_id is None:
        return
    payment = await PaymentRepository(session=session).lock(order.payment_id)
    key = _full_key(given)
    sent = await promise_refund(session, payment, key=key, amount=amount, reason=given.reason, actor=given.actor)
    given.amount, given.refund_id = sent.amount, sent.id
    order.refunded += amount
    await publish(session, OrderRefunded(order.id, sent.id))


def _full_key(given: OrderRefund) -> str:
    """Names it among the refunds of all orders."""
    return f"{given.order_id}:{given.key}"


async def _take_back(session: AsyncSession, lines: Mapping[UUID, OrderLine], pieces: Mapping[UUID, int]) -> None:
    """What is delivered is taken back first: pools are the last rows locked."""
    freed: dict[UUID, int] = {}
    for id, quantity in pieces.items():
        freed[id] = await fulfilment_of(lines[id].kind).take_back(session, lines[id], quantity)
        lines[id].refunded_quantity += quantity
    await session.flush()
    ledger = Ledger(await session.connection())
    await ledger.load_holds({line.order_id for line in lines.values()})
    await ledger.lock_pools(ledger.pools_of(freed))
    for id, quantity in freed.items():
        ledger.reduce(id, part=quantity, of=lines[id].quantity - lines[id].freed_quantity)
        lines[id].freed_quantity += quantity
    await ledger.write()


def _close_if_nothing_is_left(order: Order, lines: list[OrderLine]) -> None:
    if order.refunded == order.total and all(line.refunded_quantity == line.quantity for line in lines):
        order.move(OrderState.refunded)


def _write_down(session: AsyncSession, order: Order, given: OrderRefund, pieces: Mapping[UUID, int]) -> None:
    given.lines = [OrderRefundLine(order_line_id=id, quantity=quantity) for id, quantity in pieces.items()]
    session.add(given)
    told = {str(id): quantity for id, quantity in pieces.items()}
    after = {"key": _full_key(given), "pieces": told, "reason": given.reason}
    record(session, "orders.refund", order, actor=given.actor, after=after)


async def note_failed_refund(session: AsyncSession, order_id: UUID, *, refund_id: UUID) -> None:
    """The provider could not send the money: it is still ours, and a person has to see to it, by another refund.

    A repeat changes nothing but the audit trail.
    """
    log.error("refund.failed", order=str(order_id), refund=str(refund_id))
    order = await OrderRepository(session=session).lock(order_id)
    before = order.refunded
    if order.payment_id is not None:
        order.refunded = await RefundRepository(session=session).promised(order.payment_id)
    after = {"refunded": order.refunded, "refund": str(refund_id)}
    record(session, "orders.refund_failed", order, before={"refunded": before}, after=after)
