"""Records and the error of reservations: holds of items, holds of networks, and NotEnough."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.inventory.models import HoldState


class NotEnough(Exception):
    """The claims do not fit; `left` says what each short pool still has."""

    def __init__(self, left: dict[UUID, int]) -> None:
        super().__init__("not enough units left")
        self.left = left


@dataclass(slots=True)
class HeldItem:
    owner_id: UUID
    units: dict[UUID, int]
    state: HoldState
    expires_at: datetime | None
    network: int | None


@dataclass(slots=True)
class NetworkHolds:
    """What one network holds of each pool, and in all; `expires_at` is when the first of it runs out, if any does."""

    units: dict[UUID, int] = field(default_factory=dict)
    total: int = 0
    expires_at: datetime | None = None

    def add(self, pool: UUID, units: int) -> None:
        self.units[pool] = self.units.get(pool, 0) + units
        self.total += units
