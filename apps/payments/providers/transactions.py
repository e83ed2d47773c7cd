"""What a provider's own list of charges and refunds says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class TransactionKind(StrEnum):
    charge = "charge"
    refund = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Money that was taken, or sent back: what failed is left out. `is_done`: False while it is on its way.

    `id`: our payment's or refund's, where the provider carries it. `reference`: what the provider calls it; of a
    charge that is what a Report calls `charge_reference`, and a refund names the same as `charge_reference`.
    """

    kind: TransactionKind
    id: UUID | None
    reference: str
    charge_reference: str
    amount: int
    currency: str
    happened_at: datetime
    is_done: bool = True


def uuid_in(text: str) -> UUID | None:
    """Our id, if that is what the text is."""
    try:
        return UUID(text)
    except ValueError:
        return None
