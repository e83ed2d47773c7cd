"""Refunds of a paid order: money goes back, and units go back on sale."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.refunds.scope import Scope, money_of, quantities_of
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.inventory.reservations import Reservations
from apps.orders.events import OrderRefunded
from apps.orders.kinds.fulfilment import fulfilment_of
from apps.orders.models import Order, OrderDispute, OrderLine, OrderRefund, OrderRefundLine, OrderState
from apps.orders.repositories import OrderRefundRepository, OrderRepository
from apps.orders.states import WrongOrderState
from apps.payments.disputes import disputed_money
from apps.payments.models import DisputeState
from apps.payments.refunds import promise_refund
from apps.payments.repositories import PaymentRepository


class NotPaid(WrongOrderState):
    type = "order-not-paid"
    message = _("This order is {state}: there is nothing to refund.")


class OrderDisputed(AppError):
    status = 409
    type = "order-disputed"
    message = _("The customer has asked their bank for the money: wait until the bank has decided.")


async def refund(session: AsyncSession, order_id: UUID, scope: Scope, *, key: str, reason: str, actor: str) -> None:
    """`key` names this refund among the order's: a repeat with the same key changes nothing.

    What a bank has given back already is not sent once more. Raises NotPaid, OrderDisputed, NothingToRefund.
    """
    orders = OrderRepository(session=session)
    order = await orders.lock(order_id)
    if await OrderRefundRepository(session=session).exists(order_id=order.id, key=key):
        return
    if order.state not in (OrderState.paid, OrderState.refunded):
        raise NotPaid(state=order.state)
    if order.dispute is OrderDispute.open:
        raise OrderDisputed
    left = await money_left(session, order)
    lines = {line.id: line for line in await orders.lines(order.id)}
    quantities = quantities_of(lines, scope)
    given = OrderRefund(order_id=order.id, key=key, reason=reason, actor=actor, amount=0)
    await _send_money(session, order, given, amount=money_of(lines, scope, quantities, left=left))
    await _take_back(session, lines, quantities)
    _close_if_nothing_is_left(order, list(lines.values()), left=left - given.amount)
    _write_down(session, order, given, quantities)
    if given.refund_id:
        await publish(session, OrderRefunded(order.id, given.refund_id))


async def money_left(session: AsyncSession, order: Order) -> int:
    """Minor units of a paid order that can still go back: neither we nor the bank have given them back yet."""
    left = order.total - order.refunded
    if order.dispute is None or order.payment_id is None:
        return left
    payment = await PaymentRepository(session=session).get(order.payment_id)
    return left - min(await disputed_money(session, payment, [DisputeState.lost]), left)


async def _send_money(session: AsyncSession, order: Order, given: OrderRefund, *, amount: int) -> None:
    if not amount or order.payment_id is None:
        return
    payment = await PaymentRepository(session=session).lock(order.payment_id)
    key = _full_key(given)
    sent = await promise_refund(session, payment, key=key, amount=amount, reason=given.reason, actor=given.actor)
    given.amount, given.refund_id = sent.amount, sent.id
    order.refunded += amount


def _full_key(given: OrderRefund) -> str:
    """Names it among the refunds of all orders."""
    return f"{given.order_id}:{given.key}"


async def _take_back(session: AsyncSession, lines: Mapping[UUID, OrderLine], quantities: Mapping[UUID, int]) -> None:
    """What is delivered is taken back first: pools are the last rows locked."""
    freed: dict[UUID, int] = {}
    for id, quantity in quantities.items():
        freed[id] = await fulfilment_of(lines[id].kind).take_back(session, lines[id], quantity)
        lines[id].refunded_quantity += quantity
    await session.flush()
    reservations = Reservations(await session.connection())
    await reservations.load_holds({line.order_id for line in lines.values()})
    await reservations.lock_pools(reservations.pools_of(freed))
    for id, quantity in freed.items():
        reservations.reduce(id, part=quantity, of=lines[id].quantity - lines[id].freed_quantity)
        lines[id].freed_quantity += quantity
    await reservations.write()


def _close_if_nothing_is_left(order: Order, lines: list[OrderLine], *, left: int) -> None:
    if not left and order.state is OrderState.paid and all(line.refunded_quantity == line.quantity for line in lines):
        order.move(OrderState.refunded)


def _write_down(session: AsyncSession, order: Order, given: OrderRefund, quantities: Mapping[UUID, int]) -> None:
    given.lines = [OrderRefundLine(order_line_id=id, quantity=quantity) for id, quantity in quantities.items()]
    session.add(given)
    told = {str(id): quantity for id, quantity in quantities.items()}
    after = {"key": _full_key(given), "pieces": told, "reason": given.reason}
    record(session, "orders.refund", order, actor=given.actor, after=after)
