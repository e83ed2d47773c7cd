"""Settles a confirmed payment: its order is paid, or the money goes back. A repeat changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.audit import SYSTEM, Entry, record_all
from apps.core.db.bulk import update_rows
from apps.core.db.database import now
from apps.core.db.locks import lock_out_others
from apps.core.events import publish
from apps.inventory.holds import NotEnough
from apps.inventory.reservations import Reservations
from apps.orders.demand import demand_of, quantities_of
from apps.orders.events import OrderPaid, PaymentReturned
from apps.orders.kinds.fulfilment import fulfilments_of
from apps.orders.models import Order, OrderLine, OrderState
from apps.orders.repositories import (
    LOCK_ORDERS,
    ORDERS,
    OfferTerms,
    OrderRepository,
    bought_by,
    lines_of_orders,
    offer_terms,
)
from apps.payments.disputes import disputed_money
from apps.payments.events import PaymentConfirmed, PaymentLeftOpen
from apps.payments.models import Payment, PaymentState
from apps.payments.refunds import promise_refund
from apps.payments.repositories import LOCK_PAYMENTS, PAYMENTS, PaymentRepository, owners_with_active_payments
from apps.payments.services import settled


async def settle_at_once(connection: AsyncConnection, events: Sequence[PaymentConfirmed]) -> Sequence[PaymentConfirmed]:
    """Those whose order waits for just this money are paid, and delivered; the others are for `settle`.

    Locks orders, then payments, each in the order of their ids.
    """
    orders = await _rows(connection, LOCK_ORDERS, [event.owner_id for event in events])
    payments = await _rows(connection, LOCK_PAYMENTS, [event.payment_id for event in events])
    fitting = (each for each in events if _waits_for(orders.get(each.owner_id), payments.get(each.payment_id)))
    waiting = list({each.owner_id: each for each in fitting}.values())  # paid twice at the same moment: once is enough
    lines = (await connection.execute(lines_of_orders([each.owner_id for each in waiting]))).all()
    closed = await closed_offers(connection, lines)
    refused = {line.order_id for line in lines if line.offer_id in closed}
    served = [each for each in waiting if each.owner_id not in refused]
    await _pay(connection, {each.payment_id: orders[each.owner_id] for each in served})
    return served


async def _rows(connection: AsyncConnection, found: Any, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    return {row.id: row for row in await connection.execute(found, {"ids": ids})}


def _waits_for(order: Row[Any] | None, payment: Row[Any] | None) -> bool:
    return (
        order is not None
        and payment is not None
        and payment.state is PaymentState.confirmed
        and payment.settled_at is None
        and order.state is OrderState.pending
        and order.total == payment.captured
    )


async def settle(session: AsyncSession, *, order_id: UUID, payment_id: UUID) -> None:
    if await settle_at_once(await session.connection(), [PaymentConfirmed(payment_id, order_id)]):
        return
    order = await OrderRepository(session=session).lock(order_id)
    payment = await PaymentRepository(session=session).lock(payment_id)
    if payment.state is not PaymentState.confirmed or payment.settled_at is not None:
        return
    if order.payment_id != payment.id:
        if order.state is OrderState.expired and await _can_be_served(session, order, payment):
            await _pay(await session.connection(), {payment.id: order})
            return
        await _send_back(session, order, payment)
    await settled(session, payment)


async def _can_be_served(session: AsyncSession, order: Order, payment: Payment) -> bool:
    return (
        payment.captured == order.total and await _kinds_can_serve(session, order) and await _take_again(session, order)
    )


async def _kinds_can_serve(session: AsyncSession, order: Order) -> bool:
    lines = await OrderRepository(session=session).lines(order.id)
    return not await closed_offers(await session.connection(), lines)


async def closed_offers(connection: AsyncConnection, lines: Collection[Any]) -> set[UUID]:
    """Those that no money may be taken for any more; no others are until the end of the transaction."""
    closed: set[UUID] = set()
    for kind in fulfilments_of(lines):
        closed |= set(await kind.closed(connection, {line.offer_id for line in lines if line.kind == kind.kind}))
    return closed


async def _take_again(session: AsyncSession, order: Order) -> bool:
    """The order expired and its units went back; take them again if there are any."""
    lines = await OrderRepository(session=session).lines(order.id)
    connection = await session.connection()
    offers = await offer_terms(connection, {line.offer_id for line in lines})
    claims = {line.id: offers[line.offer_id].units(line.quantity) for line in lines}
    demand = demand_of(claims.values())
    reservations = Reservations(connection)
    await reservations.lock_pools(demand, demand=demand)
    try:
        if not await _keeps_to_limits(connection, order, lines, offers):
            return False
        reservations.hold(order.id, claims, until=None)
    except NotEnough:
        return False
    finally:
        await reservations.write()
    return True


async def _keeps_to_limits(
    connection: AsyncConnection, order: Order, lines: Sequence[OrderLine], offers: Mapping[UUID, OfferTerms]
) -> bool:
    """What the customer ordered since counts."""
    limited = [offer for offer in offers.values() if offer.max_per_customer]
    if not limited:
        return True
    await lock_out_others(connection, [order.email])
    bought = await bought_by(connection, [order.email], [offer.id for offer in limited])
    wanted = quantities_of(lines)
    return all(offer.allows_customer(bought.get((order.email, offer.id), 0) + wanted[offer.id]) for offer in limited)


async def _pay(connection: AsyncConnection, paid: Mapping[UUID, Any]) -> None:
    """`paid`: by the payment, the order that it pays. Both are locked."""
    if not paid:
        return
    moment = await now(connection)
    rows = [
        {"id": order.id, "state": OrderState.paid, "paid_at": moment, "payment_id": payment_id}
        for payment_id, order in paid.items()
    ]
    await update_rows(connection, ORDERS, rows)
    await update_rows(connection, PAYMENTS, [{"id": id, "settled_at": moment} for id in paid])
    await record_all(connection, [_entry(order) for order in paid.values()], actor=SYSTEM)
    ids = [order.id for order in paid.values()]
    left_open = await owners_with_active_payments(connection, ids)
    await publish(connection, *(OrderPaid(id) for id in ids), *(PaymentLeftOpen(id) for id in left_open), at_once=True)


def _entry(order: Any) -> Entry:
    before, after = {"state": order.state}, {"state": OrderState.paid}
    return Entry(action="orders.paid", subject="Order", id=order.id, name=order.number, before=before, after=after)


async def _send_back(session: AsyncSession, order: Order, payment: Payment) -> None:
    """Too late, too much, too little or twice: all of it goes back, and the customer is told."""
    if not (amount := payment.refundable - await disputed_money(session, payment)):
        return
    refund = await promise_refund(
        session,
        payment,
        key=f"unserved:{payment.id}",
        amount=amount,
        reason=f"order {order.number} was {order.state}",
        actor=SYSTEM,
    )
    await publish(session, PaymentReturned(order.id, refund.id))
