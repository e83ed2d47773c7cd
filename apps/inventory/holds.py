"""Records and the error of reservations: holds of items, holds of networks, and NotEnough."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
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

    def rows(self, item_id: UUID) -> list[dict[str, Any]]:
        """One for each pool."""
        same = {
            "item_id": item_id,
            "owner_id": self.owner_id,
            "state": self.state,
            "expires_at": self.expires_at,
            "network": self.network,
        }
        return [{**same, "pool_id": pool, "units": units} for pool, units in self.units.items()]


@dataclass(slots=True)
class NetworkHolds:
    """What one network holds of each pool, and in all; `expires_at` is when the first of it runs out, if any does."""

    units: dict[UUID, int] = field(default_factory=dict)
    total: int = 0
    expires_at: datetime | None = None

    def add(self, pool: UUID, units: int) -> None:
        self.units[pool] = self.units.get(pool, 0) + units
        self.total += units
