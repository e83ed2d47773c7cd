"""Merch that was paid for: a shipment for every line, sent to the address or waiting at the merch table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.bulk import insert_rows
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.fulfilment import Delivery, Fulfilment
from apps.orders.kinds.parts import Part
from apps.orders.models import OrderLine
from apps.shop.events import ShipmentsChanged
from apps.shop.models import MERCH, Shipment, ShipmentState
from apps.shop.repositories import PRODUCTS, VARIANTS
from apps.shop.shipping import shipment_updates
from apps.shop.shipping.order_shipments import OrderShipments
from apps.shop.shipping.shipments import ShipmentOut, parcels_of, shipments_of
from apps.shop.withdrawals.reading import find_withdrawable, withdrawals_of

SHIPMENTS = Shipment.table()


class MerchFulfilment(Fulfilment):
    kind, name, rank = MERCH, _("Merch"), 20
    on_sale = _("Merch on sale")
    part = ShipmentOut
    parent = "product"
    order_template, mail_template = "shop/order.html", "shop/mail/delivered"
    extension = OrderShipments()

    def offers(self) -> Select[Any]:
        return select(VARIANTS.c.offer_id, VARIANTS.c.product_id.label("parent_id"))

    def not_to_give(self) -> Select[Any]:
        """Of a product in the archive."""
        variants = VARIANTS.join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id)
        return select(VARIANTS.c.offer_id).select_from(variants).where(PRODUCTS.c.archived_at.is_not(None))

    async def deliver(self, connection: AsyncConnection, deliveries: Sequence[Delivery]) -> None:
        made = {each.order.id: [*_shipments(each)] for each in deliveries}
        await insert_rows(connection, SHIPMENTS, [row for rows in made.values() for row in rows])
        await publish(connection, *(ShipmentsChanged(id, [row["id"] for row in rows]) for id, rows in made.items()))

    async def take_back(self, session: AsyncSession, line: OrderLine, quantity: int) -> int:
        """What was not sent yet is not sent, and can be sold again; what left comes back as a stock movement."""
        found = select(Shipment).where(Shipment.order_line_id == line.id).with_for_update()
        shipment = (await session.execute(found)).scalar_one_or_none()
        if shipment is None:
            return quantity
        if not shipment.may_move(ShipmentState.cancelled):
            return 0
        shipment.quantity -= quantity
        if not shipment.quantity:
            shipment.move(ShipmentState.cancelled)
        await publish(session, ShipmentsChanged(line.order_id, [shipment.id]))
        return quantity

    async def send_elsewhere(self, session: AsyncSession, order_id: UUID, address: Mapping[str, Any] | None) -> None:
        await shipment_updates.send_elsewhere(session, order_id, address)

    async def parts(
        self,
        connection: AsyncConnection,
        order_id: UUID,
        titles: Mapping[UUID, str],
        *,
        locale: str,
        for_customer: bool,
    ) -> Sequence[Part]:
        return await shipments_of(connection, order_id, titles)

    async def words(
        self, connection: AsyncConnection, order: Any, parts: Sequence[Any], *, locale: str
    ) -> Mapping[str, Any]:
        return {
            "parcels": parcels_of(parts),
            "withdrawable": await find_withdrawable(connection, order, locale=locale),
            "withdrawals": await withdrawals_of(connection, order.id, locale=locale),
        }


def _shipments(delivery: Delivery) -> Iterator[dict[str, Any]]:
    order = delivery.order
    for line in delivery.lines:
        if quantity := delivery.quantity(line):
            yield {
                "id": uuid7(),
                "order_id": order.id,
                "order_line_id": line.id,
                "quantity": quantity,
                "address": order.address,
                "state": ShipmentState.unfulfilled if order.address else ShipmentState.waiting_for_pickup,
            }


FULFILMENT = MerchFulfilment()
