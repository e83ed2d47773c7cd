"""What of an order travels together."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from apps.checkout.schemas import OrderOut, ShipmentOut

Parcel = Sequence[ShipmentOut]
TOGETHER = attrgetter("state", "tracking")


def parcels_of(order: OrderOut) -> list[Parcel]:
    """Without what was taken out of them."""
    inside = sorted((each for each in order.shipments if each.quantity), key=TOGETHER)
    return [list(parcel) for _state, parcel in groupby(inside, TOGETHER)]


def parcel_with(order: OrderOut, line_id: UUID | None) -> Parcel:
    """Empty where the line is in none."""
    return next((each for each in parcels_of(order) if any(inside.line == line_id for inside in each)), ())
