"""Settles a confirmed payment: its order is paid, or the money goes back. A repeat changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.audit import SYSTEM, record
from apps.core.db.database import now
from apps.core.db.locks import lock_out_others
from apps.core.events import publish
from apps.inventory.holds import NotEnough
from apps.inventory.reservations import Reservations
from apps.orders.demand import demand_of, quantities_of
from apps.orders.events import OrderPaid, PaymentReturned
from apps.orders.kinds.fulfilment import fulfilments_of
from apps.orders.models import Order, OrderLine, OrderState
from apps.orders.repositories import OfferTerms, OrderRepository, bought_by, offer_terms
from apps.payments.events import PaymentLeftOpen
from apps.payments.models import Payment, PaymentState
from apps.payments.refunds import promise_refund
from apps.payments.repositories import PaymentRepository
from apps.payments.services import settled


async def settle(session: AsyncSession, *, order_id: UUID, payment_id: UUID) -> None:
    order = await OrderRepository(session=session).lock(order_id)
    payment = await PaymentRepository(session=session).lock(payment_id)
    if payment.state is not PaymentState.confirmed or payment.settled_at is not None:
        return
    if order.payment_id != payment.id:
        if await _can_be_served(session, order, payment):
            await _pay(session, order, payment)
        else:
            await _send_back(session, order, payment)
    await settled(session, payment)


async def _can_be_served(session: AsyncSession, order: Order, payment: Payment) -> bool:
    if payment.captured != order.total or not await _kinds_can_serve(session, order):
        return False
    if order.state is OrderState.expired:
        return await _take_again(session, order)
    return order.state is OrderState.pending


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


async def _pay(session: AsyncSession, order: Order, payment: Payment) -> None:
    before = order.state
    order.mark_paid(at=await now(session), payment_id=payment.id)
    record(session, "orders.paid", order, before={"state": before}, after={"state": order.state})
    await session.flush()
    await publish(session, OrderPaid(order.id))
    if await PaymentRepository(session=session).lock_active(order.id) is not None:
        await publish(session, PaymentLeftOpen(order.id))


async def _send_back(session: AsyncSession, order: Order, payment: Payment) -> None:
    """Too late, too much, too little or twice: all of it goes back, and the customer is told."""
    if not payment.refundable:
        return
    refund = await promise_refund(
        session,
        payment,
        key=f"unserved:{payment.id}",
        amount=payment.refundable,
        reason=f"order {order.number} was {order.state}",
        actor=SYSTEM,
    )
    await publish(session, PaymentReturned(order.id, refund.id))
