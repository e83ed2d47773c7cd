"""What the apps above are told about stock."""

from uuid import UUID

import msgspec


class PoolRanOut(msgspec.Struct, frozen=True):
    """The last free unit was taken: held in a cart, ordered, or counted away."""

    pool_id: UUID


class PoolAvailable(msgspec.Struct, frozen=True):
    """Of one that was empty there is something again."""

    pool_id: UUID


def told_by(pool_id: UUID, *, before: int, after: int) -> PoolRanOut | PoolAvailable | None:
    """By what was left of it."""
    if before > 0 >= after:
        return PoolRanOut(pool_id)
    return PoolAvailable(pool_id) if before <= 0 < after else None
