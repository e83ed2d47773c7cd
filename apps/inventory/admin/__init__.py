"""Stock in the back office. What takes from it, and how much of it is held, apps above add."""

from apps.inventory.admin.movements import MovementAdmin
from apps.inventory.admin.pools import PoolAdmin

__all__ = ["MovementAdmin", "PoolAdmin"]
