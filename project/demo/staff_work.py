"""What the demo's staff have done with its orders, and what is left for a first look."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.queue.commands import WantedLine
from apps.checkout.refunds.refund import refund
from apps.checkout.refunds.scope import LineQuantities
from apps.core.db.database import Database, now
from apps.core.jobs import drain
from apps.orders.models import OrderLine
from apps.payments import refunds
from apps.payments.demo.models import DemoCheckout, DemoRefund
from apps.payments.models import Payment, PaymentState, Refund, RefundState
from apps.payments.providers import RefundReport
from apps.shop.models import Shipment, ShipmentState, Variant
from apps.shop.shipping.shipment_updates import move_shipments
from project.demo.buying import buy
from project.demo.load import ACTOR
from project.demo.plan import AT_HOME, Sale

TO_PACK, PACKED, ON_THE_WAY = 3, 2, 4
"""Parcels, from the newest order back; all before have arrived."""
UNLUCKY = f"noor{AT_HOME}"


async def work_on_orders(db: Database) -> None:
    """Parcels go out, a shirt comes back, and a card is refused. To be called once, after the sales."""
    async with db.begin() as session:
        orders = await _to_ship(session)
        await _ship(session, orders)
        await _take_shirt_back(session, orders)
        await _refuse_card(session)
    await drain(db)


async def _to_ship(session: AsyncSession) -> list[UUID]:
    """Orders, the newest first."""
    found = select(Shipment.order_id).where(Shipment.state == ShipmentState.unfulfilled)
    return list(await session.scalars(found.distinct().order_by(Shipment.order_id.desc())))


async def _ship(session: AsyncSession, orders: Sequence[UUID]) -> None:
    for number, order in enumerate(orders[TO_PACK:]):
        await move_shipments(session, order, ShipmentState.packed, actor=ACTOR)
        if number >= PACKED:
            tracking = f"RX {number:04} 2207 EU"
            await move_shipments(session, order, ShipmentState.shipped, actor=ACTOR, tracking=tracking)
        if number >= PACKED + ON_THE_WAY:
            await move_shipments(session, order, ShipmentState.delivered, actor=ACTOR)


async def _take_shirt_back(session: AsyncSession, orders: Sequence[UUID]) -> None:
    """And the provider has sent the money back."""
    line = await _latest_shirt(session, orders)
    await refund(session, line.order_id, LineQuantities({line.id: 1}), key="demo", reason="Too small", actor=ACTOR)
    found = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(Payment.owner_id == line.order_id)
    sent = (await session.scalars(found)).one()
    page = await session.get_one(DemoCheckout, sent.payment_id)
    page.refunded += sent.amount
    session.add(DemoRefund(id=sent.id, checkout_id=page.id, amount=sent.amount))
    await refunds.apply_refund_report(session, RefundReport(sent.id, RefundState.done, str(sent.id)))


async def _latest_shirt(session: AsyncSession, orders: Sequence[UUID]) -> OrderLine:
    shirts = select(OrderLine).join(Variant, Variant.id == OrderLine.offer_id).where(Variant.sku.startswith("TSF-TEE"))
    latest = shirts.where(OrderLine.order_id.in_(orders)).order_by(OrderLine.order_id.desc()).limit(1)
    return (await session.scalars(latest)).one()


async def _refuse_card(session: AsyncSession) -> None:
    tote = (await session.scalars(select(Variant.id).where(Variant.sku == "TSF-TOTE"))).one()
    await buy(session, [Sale([WantedLine(tote, 1, None)], await now(session), UNLUCKY, ends=PaymentState.failed)])
