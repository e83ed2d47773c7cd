"""Stripe Checkout: Stripe's page to pay at, a session for each payment, and signed webhooks.

https://docs.stripe.com/payments/checkout. How to set it up: docs/payment-providers.md.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from apps.core.text.i18n import lazy as _
from apps.payments.models import WebhookProblem
from apps.payments.providers import (
    BadSignature,
    Capabilities,
    Meaning,
    NotUnderstood,
    PaymentRequest,
    Provider,
    ProviderDown,
    ProviderRefused,
    RefundReport,
    RefundRequest,
    RefundsTold,
    Report,
    Started,
    Transaction,
    Webhook,
    WebhookCall,
    declare,
)
from apps.payments.providers.http import ProviderHttp
from apps.payments.stripe import reports
from apps.payments.stripe.client import is_signed, stripe_client, told_as_ours
from apps.payments.stripe.currencies import AMOUNTS, to_stripe
from apps.payments.stripe.settings import StripeSettings
from apps.payments.stripe.transactions import list_transactions

MOST_REFUNDS = 100
"""Of one payment, that are looked through for ours."""


class StripeProvider(Provider):
    name = "stripe"
    title = _("Card (Stripe)")

    def __init__(self, config: StripeSettings) -> None:
        self._http = ProviderHttp(config.api_url)
        self._client = stripe_client(config, self._http)
        self._secrets = config.webhook_secrets.split()
        self.capabilities = Capabilities(
            refunds_told=RefundsTold.by_webhook,
            amounts=AMOUNTS,
            shortest=timedelta(minutes=31),  # Stripe's 30, and a minute for clocks that differ
            longest=timedelta(hours=23, minutes=55),
            lists_transactions=True,
            page_origins=tuple(config.page_origins.split()),
        )

    async def start(self, request: PaymentRequest) -> Started:
        ours = {reports.PAYMENT: str(request.payment_id)}
        price: Any = {
            "currency": request.currency.lower(),
            "unit_amount": to_stripe(request.amount, request.currency),
            "product_data": {"name": request.description},
        }
        with told_as_ours():
            made = await self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "line_items": [{"quantity": 1, "price_data": price}],
                    "client_reference_id": str(request.payment_id),
                    "metadata": ours,
                    "payment_intent_data": {"metadata": ours},
                    "expires_at": int(request.expires_at.timestamp()),
                    "success_url": request.return_url,
                    "cancel_url": request.cancel_url,
                    "locale": request.locale,
                },
                {"idempotency_key": str(request.payment_id)},
            )
            session = reports.read_object(made.to_dict(), reports.Session)
        if session.url is None:
            raise ProviderDown(reason="no page to pay at")
        return Started(session.id, session.url)

    async def fetch(self, reference: str) -> Report:
        return _report(await self._session(reference))

    async def close(self, reference: str) -> Report:
        """Stripe closes only what is open; of what is not, it is known how it ended."""
        try:
            with told_as_ours():
                await self._client.v1.checkout.sessions.expire_async(reference)
        except ProviderRefused:
            pass
        return await self.fetch(reference)

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Looked for first: Stripe knows idempotency keys for a day, and answers a repeat as it was then."""
        intent = request.charge_reference or (await self._session(request.reference)).intent_id or ""
        ours = {reports.REFUND: str(request.refund_id)}
        with told_as_ours():
            found = await self._client.v1.refunds.list_async({"payment_intent": intent, "limit": MOST_REFUNDS})
            known = [reports.read_object(each.to_dict(), reports.Refund) for each in found.data]
            refund = next(
                (each for each in known if (each.metadata or {}).get(reports.REFUND) == ours[reports.REFUND]), None
            )
            if refund is None:
                amount = to_stripe(request.amount, request.currency)
                made = await self._client.v1.refunds.create_async(
                    {"payment_intent": intent, "amount": amount, "metadata": ours},
                    {"idempotency_key": str(request.refund_id)},
                )
                refund = reports.read_object(made.to_dict(), reports.Refund)
        return reports.refund_report(refund, request.refund_id)

    def list_transactions(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        return list_transactions(self._client, start, end)

    async def verify(self, call: WebhookCall) -> bytes:
        if not any(is_signed(call, secret) for secret in self._secrets):
            raise BadSignature
        return call.body

    def read(self, body: bytes) -> Sequence[Webhook]:
        event = msgspec.json.decode(body, type=dict[str, Any])
        return [Webhook(reports.read_object(event, reports.Event).id, event)]

    def understand(self, payload: Mapping[str, Any]) -> Meaning | None:
        return reports.meaning_of(reports.read_object(payload, reports.Event))

    async def test(self) -> None:
        with told_as_ours():
            await self._client.v1.balance.retrieve_async()

    async def disconnect(self) -> None:
        await self._http.close()

    async def _session(self, reference: str) -> reports.Session:
        with told_as_ours():
            found = await self._client.v1.checkout.sessions.retrieve_async(reference, {"expand": ["payment_intent"]})
            return reports.read_object(found.to_dict(), reports.Session)


def _report(session: reports.Session) -> Report:
    payment_id = reports.payment_id_of(session)
    if payment_id is None:
        raise NotUnderstood(WebhookProblem.unknown_payment, session.id)
    return reports.session_report(session, payment_id)


declare(StripeProvider, StripeSettings)
