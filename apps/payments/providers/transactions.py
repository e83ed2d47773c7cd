"""What a provider's own list of charges and refunds says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import structlog

from apps.payments.providers.errors import NotUnderstood

Thing = TypeVar("Thing")
log = structlog.get_logger(__name__)


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


def understood(things: Sequence[Thing], read: Callable[[Thing], Transaction | None]) -> Iterator[Transaction]:
    """Those that `read` makes something of. Ours can be understood: what cannot is another shop's."""
    for each in things:
        try:
            transaction = read(each)
        except NotUnderstood as reason:
            log.warning("payments.transaction_not_understood", reason=str(reason))
            continue
        if transaction:
            yield transaction


def uuid_in(text: str) -> UUID | None:
    """Our id, if that is what the text is."""
    try:
        return UUID(text)
    except ValueError:
        return None
