"""Delivering merch: a shipment for every line, sent to the address or waiting at the merch table."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.orders.models import Order, OrderLine
from apps.shop.models import Shipment, ShipmentState


async def deliver(session: AsyncSession, order: Order, lines: Sequence[OrderLine]) -> None:
    state = ShipmentState.unfulfilled if order.address else ShipmentState.waiting_for_pickup
    for line in lines:
        if quantity := line.quantity - line.refunded_quantity:
            session.add(
                Shipment(
                    order_id=order.id, order_line_id=line.id, quantity=quantity, address=order.address, state=state
                )
            )


async def take_back(session: AsyncSession, line: OrderLine, quantity: int) -> int:
    """What was not sent yet is not sent, and can be sold again; what left the house comes back as a stock movement."""
    found = select(Shipment).where(Shipment.order_line_id == line.id).with_for_update()
    shipment = (await session.execute(found)).scalar_one_or_none()
    if shipment is None:
        return quantity
    if not shipment.may_move(ShipmentState.cancelled):
        return 0
    shipment.quantity -= quantity
    if not shipment.quantity:
        shipment.move(ShipmentState.cancelled)
    return quantity
