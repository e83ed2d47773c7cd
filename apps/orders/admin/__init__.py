"""Stock in the back office. It stands here because archiving a pool asks the offers that take from it."""

from apps.orders.admin.movements import MovementAdmin
from apps.orders.admin.pools import PoolAdmin

__all__ = ["MovementAdmin", "PoolAdmin"]
