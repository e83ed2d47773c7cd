"""What the demo provider's API takes and gives, and what its webhooks say."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.payments.demo.models import DemoState


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


class RefundIn(Struct, forbid_unknown_fields=True):
    id: UUID
    amount: int


class RefundOut(Struct):
    id: UUID
    checkout_id: UUID
    amount: int


class EventBody(Struct):
    """A webhook: `kind` is payment.pending, payment.confirmed, payment.failed, payment.closed or refund.done."""

    id: str
    kind: str
    subject: UUID
    amount: int
    currency: str
