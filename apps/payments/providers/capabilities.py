"""What a payment provider can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MOST_MONEY = 2**53
"""Minor units that every JSON reader can hold."""


class RefundsTold(StrEnum):
    """How we learn what became of a refund."""

    at_once = "at_once"
    by_webhook = "by_webhook"
    by_asking = "by_asking"
    by_staff = "by_staff"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Minor units of one currency that can be paid at once: multiples of `step` from `least` to `most`."""

    least: int = 1
    most: int = MOST_MONEY
    step: int = 1

    def __contains__(self, amount: int) -> bool:
        return self.least <= amount <= self.most and amount % self.step == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """`amounts` by currency; `other_amounts` of every currency that is not named there, none where it is None.

    `shortest`, `longest`: how long a page to pay at may be open. `page_origins`: where those pages are, as far as that
    is known beforehand (https://pay.example.org). `closes_pages`: whether nobody can pay any more after `close`.
    """

    refunds_told: RefundsTold
    amounts: Mapping[str, Amounts]
    other_amounts: Amounts | None = None
    shortest: timedelta = timedelta(0)
    longest: timedelta = timedelta(days=1)
    closes_pages: bool = True
    part_refunds: bool = True
    saved_methods: bool = False
    recurring: bool = False
    offline: bool = False
    lists_transactions: bool = False
    page_origins: tuple[str, ...] = ()

    def takes(self, amount: int, currency: str) -> bool:
        found = self.amounts.get(currency, self.other_amounts)
        return found is not None and amount in found
