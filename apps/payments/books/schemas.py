"""The books as the staff's API shows them, and what is entered by hand."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from apps.payments.books.models import Account, Cause, Phase
from apps.payments.providers.capabilities import MOST_MONEY


class TransferOut(Struct):
    """`amount` minor units that went from the account credited to the one debited.

    `entry`: transfers that were written together have the same. `pending`: the transfer that this one posts or voids.
    """

    id: UUID
    entry: UUID
    day: date
    cause: Cause
    phase: Phase
    pending: UUID | None
    debit_account: Account
    credit_account: Account
    amount: int
    currency: str
    provider: str
    order: UUID | None
    created_at: datetime


class BalanceOut(Struct):
    """Debits less credits, in minor units; `pending` is on its way and not in `balance`."""

    provider: str
    currency: str
    account: Account
    balance: int
    pending: int


class EntryIn(Struct):
    """Money that the provider paid out or kept, as its statement says. The same `reference` is entered once."""

    cause: Literal["payout", "fee"]
    provider: Annotated[str, Meta(min_length=1, max_length=20)]
    amount: Annotated[int, Meta(ge=1, le=MOST_MONEY)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    happened_at: datetime
    reference: Annotated[str, Meta(min_length=1, max_length=200)]
