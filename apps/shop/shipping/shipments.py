"""The shipments of an order, one for each line, and the parcels in which they travel together."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.text.datetimes import AwareDatetime
from apps.orders.kinds.parts import Part
from apps.orders.repositories import ORDER_LINES
from apps.shop.models import MERCH, Shipment
from apps.shop.shipping.shipment_updates import tracking_url
from apps.shop.withdrawals.repositories import withdrawn_of

TOGETHER = attrgetter("state", "tracking")


class ShipmentOut(Part, tag=MERCH, kw_only=True):
    """Where the merch of a line is, since `moved_at`; `address` is where it goes, null when it is picked up.

    Of `withdrawn` pieces the fan has withdrawn from the contract: they are not sent, or come back.

    `tracking` is the parcel service's number as staff typed it; `tracking_url` is given where that is an address.
    """

    quantity: int
    moved_at: AwareDatetime
    address: dict[str, Any] | None
    tracking: str
    tracking_url: str | None
    withdrawn: int = 0


Parcel = Sequence[ShipmentOut]


async def shipments_of(
    connection: AsyncConnection, order_id: UUID, titles: Mapping[UUID, str]
) -> Sequence[ShipmentOut]:
    """In the order of their lines, called by the lines' titles: one query."""
    moves = (Shipment.state, Shipment.moved_at, Shipment.address, Shipment.tracking)
    withdrawn = withdrawn_of(Shipment.order_line_id).label("withdrawn")
    found = select(Shipment.id, Shipment.order_line_id, Shipment.quantity, *moves, withdrawn)
    mine = found.join(ORDER_LINES, ORDER_LINES.c.id == Shipment.order_line_id).where(Shipment.order_id == order_id)
    return [
        ShipmentOut(
            id=row.id,
            line=row.order_line_id,
            title=titles[row.order_line_id],
            quantity=row.quantity,
            state=row.state,
            moved_at=row.moved_at,
            address=row.address,
            tracking=row.tracking,
            tracking_url=tracking_url(row.tracking),
            withdrawn=row.withdrawn,
        )
        for row in await connection.execute(mine.order_by(ORDER_LINES.c.position))
    ]


def parcels_of(shipments: Sequence[ShipmentOut]) -> list[Parcel]:
    """Without what was taken out of them."""
    inside = sorted((each for each in shipments if each.quantity), key=TOGETHER)
    return [list(parcel) for _state, parcel in groupby(inside, TOGETHER)]


def parcel_with(shipments: Sequence[ShipmentOut], line_id: UUID | None) -> Parcel:
    """Empty where the line is in none."""
    return next((each for each in parcels_of(shipments) if any(inside.line == line_id for inside in each)), ())
