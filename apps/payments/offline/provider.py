"""What providers have in common whose money staff take: the order's page says how to pay, and staff what has come."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.payments.models import PaymentState, RefundState
from apps.payments.providers import (
    Amounts,
    BadSignature,
    Capabilities,
    HowToPay,
    PaymentRequest,
    Provider,
    RefundReport,
    RefundRequest,
    RefundsTold,
    Report,
    Started,
    Webhook,
    WebhookCall,
)
from project.settings import settings


class OfflineProvider(Provider):
    """Nobody is asked over the network: what is known, staff have said."""

    def __init__(self, *, days: int, how_to_pay: HowToPay) -> None:
        longest = timedelta(days=days)
        self.capabilities = Capabilities(
            refunds_told=RefundsTold.by_staff,
            amounts={settings.currency: Amounts()},
            shortest=longest,
            longest=longest,
            closes_pages=False,
            offline=True,
        )
        self.how_to_pay = how_to_pay

    async def start(self, request: PaymentRequest) -> Started:
        """The page to pay at is the order's own."""
        return Started(str(request.payment_id), request.cancel_url)

    async def fetch(self, reference: str) -> Report:
        return _report(reference, PaymentState.pending)

    async def close(self, reference: str) -> Report:
        return _report(reference, PaymentState.cancelled)

    async def refund(self, request: RefundRequest) -> RefundReport:
        return RefundReport(request.refund_id, RefundState.in_transit, str(request.refund_id))

    async def verify(self, call: WebhookCall) -> bytes:
        raise BadSignature

    def read(self, body: bytes) -> Sequence[Webhook]:
        return []

    def understand(self, payload: Mapping[str, Any]) -> None:
        return None

    async def test(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass


def _report(reference: str, state: PaymentState) -> Report:
    return Report(UUID(reference), state, 0, settings.currency, reference=reference)
