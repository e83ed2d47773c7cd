"""What offers add to the stock in the back office."""

from apps.orders.admin.pools import PoolWithOffersAdmin

__all__ = ["PoolWithOffersAdmin"]
