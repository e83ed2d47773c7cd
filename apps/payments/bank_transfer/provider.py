"""Bank transfers: the order's page says where to pay to, and staff say when the money has come.

How to set it up: docs/payment-providers.md.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.core.text.i18n import lazy as _
from apps.payments.bank_transfer.settings import BankTransferSettings
from apps.payments.models import PaymentState, RefundState
from apps.payments.providers import (
    Amounts,
    BadSignature,
    Capabilities,
    Instruction,
    PaymentRequest,
    Provider,
    RefundReport,
    RefundRequest,
    RefundsTold,
    Report,
    Started,
    Webhook,
    WebhookCall,
    declare,
)
from project.settings import settings


class BankTransferProvider(Provider):
    """Nobody is asked over the network: what is known, staff have said."""

    name = "bank_transfer"
    title = _("Bank transfer")

    def __init__(self, config: BankTransferSettings) -> None:
        days = timedelta(days=config.days)
        self.capabilities = Capabilities(
            refunds_told=RefundsTold.by_staff,
            amounts={settings.currency: Amounts()},
            shortest=days,
            longest=days,
            closes_pages=False,
            offline=True,
        )
        account = (_("Account holder"), config.holder), (_("IBAN"), spaced(config.iban)), (_("BIC"), config.bic)
        self.instructions = tuple(Instruction(label, text) for label, text in account if text)

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


def spaced(iban: str) -> str:
    """In groups of four, as it is printed."""
    plain = iban.replace(" ", "")
    return " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def _report(reference: str, state: PaymentState) -> Report:
    return Report(UUID(reference), state, 0, settings.currency, reference=reference)


declare(BankTransferProvider, BankTransferSettings)
