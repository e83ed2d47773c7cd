"""A payment provider in memory, for tests that decide themselves what it says and when."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.core.text.i18n import lazy
from apps.payments.models import PaymentState, RefundState
from apps.payments.providers import (
    Amounts,
    Capabilities,
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


class Bank(Provider):
    """Its books are the truth about money: what was captured for a payment, what was sent back for a refund."""

    name, title = "demo", lazy("Bank")
    capabilities = Capabilities(refunds_told=RefundsTold.at_once, amounts={}, other_amounts=Amounts())

    def __init__(self) -> None:
        self.asked: dict[UUID, PaymentRequest] = {}
        self.captured: dict[UUID, int] = {}
        self.closed: set[UUID] = set()
        self.sent: dict[UUID, tuple[UUID, int]] = {}
        self.failed: set[UUID] = set()

    def pay(self, payment: UUID, *, short: int = 0) -> None:
        """The customer pays, all but `short`; a second time changes nothing."""
        self.captured.setdefault(payment, max(1, self.asked[payment].amount - short))

    def report(self, payment: UUID) -> Report:
        currency = self.asked[payment].currency
        if payment in self.captured:
            return Report(payment, PaymentState.confirmed, self.captured[payment], currency)
        state = PaymentState.cancelled if payment in self.closed else PaymentState.pending
        return Report(payment, state, 0, currency)

    def fail_refund(self, refund: UUID) -> RefundReport:
        self.failed.add(refund)
        return self._refund_report(refund)

    def sent_back(self, payment: UUID) -> int:
        return sum(amount for id, (of, amount) in self.sent.items() if of == payment and id not in self.failed)

    async def start(self, request: PaymentRequest) -> Started:
        self.asked[request.payment_id] = request
        return Started(str(request.payment_id), f"https://pay.test/{request.payment_id}")

    async def fetch(self, reference: str) -> Report:
        return self.report(UUID(reference))

    async def close(self, reference: str) -> Report:
        self.closed.add(UUID(reference))
        return self.report(UUID(reference))

    async def refund(self, request: RefundRequest) -> RefundReport:
        self.sent[request.refund_id] = (UUID(request.reference), request.amount)
        return self._refund_report(request.refund_id)

    def _refund_report(self, refund: UUID) -> RefundReport:
        state = RefundState.failed if refund in self.failed else RefundState.in_transit
        return RefundReport(refund, state, str(refund))

    async def verify(self, call: WebhookCall) -> bytes:
        raise NotImplementedError

    def read(self, body: bytes) -> Sequence[Webhook]:
        raise NotImplementedError

    def understand(self, payload: Mapping[str, Any]) -> Report | RefundReport | None:
        raise NotImplementedError

    async def test(self) -> None:
        raise NotImplementedError

    async def disconnect(self) -> None:
        pass
