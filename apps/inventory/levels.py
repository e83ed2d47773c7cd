"""Stock levels of a pool: its capacity, and how much is held, sold and left."""

from dataclasses import dataclass

FEW = 10
"""From here down people are told how many are left."""


@dataclass(frozen=True, slots=True)
class Level:
    """Units of one pool. `held` are in carts and in orders that are not paid yet."""

    capacity: int
    held: int
    sold: int

    @property
    def left(self) -> int:
        return self.capacity - self.held - self.sold
