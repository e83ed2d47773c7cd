"""What the demo provider's API takes and gives, and what its webhooks say."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.payments.demo.models import DemoState
from apps.payments.models import Failure


class CheckoutIn(Struct, forbid_unknown_fields=True):
    id: UUID
    amount: int
    currency: str
    description: str
    return_url: str
    expires_at: datetime


class CheckoutOut(Struct):
    id: UUID
    state: DemoState
    amount: int
    currency: str
    url: str


class CountOut(Struct):
    """How many pages were opened."""

    count: int


class RefundIn(Struct, forbid_unknown_fields=True):
    id: UUID
    amount: int


class RefundOut(Struct):
    id: UUID
    checkout_id: UUID
    amount: int


class EventBody(Struct):
    """A webhook: `kind` is payment.pending, confirmed, failed or closed, refund.done or failed,
    or dispute.open, won or lost.
    """

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: Annotated[str, Meta(max_length=40)]
    subject: UUID
    amount: int
    currency: Annotated[str, Meta(max_length=3)]
    failure: Failure | None = None


class TransactionOut(Struct):
    """Money taken, or sent back where `refund_id` is given."""

    checkout_id: UUID
    refund_id: UUID | None
    amount: int
    currency: str
    made_at: datetime


class TransactionsOut(Struct):
    """`next`: where to go on, if there is more."""

    items: list[TransactionOut]
    next: UUID | None
