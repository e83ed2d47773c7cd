"""The demand of several lines together: units of pools, and quantities of offers."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from apps.inventory.reservations import Units


class Line(Protocol):
    """Of a cart or of an order."""

    @property
    def offer_id(self) -> UUID: ...

    @property
    def quantity(self) -> int: ...


def demand_of(claims: Iterable[Units]) -> dict[UUID, int]:
    """Units of each pool; what one claim would free is not counted for the others."""
    demand: dict[UUID, int] = {}
    for units in claims:
        for pool, wanted in units.items():
            demand[pool] = demand.get(pool, 0) + max(wanted, 0)
    return demand


def quantities_of(lines: Iterable[Line]) -> dict[UUID, int]:
    """Pieces of each offer, in the order of the lines."""
    quantities: dict[UUID, int] = {}
    for line in lines:
        quantities[line.offer_id] = quantities.get(line.offer_id, 0) + line.quantity
    return quantities
