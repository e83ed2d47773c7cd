"""The demo provider as the shop sees it: an HTTP API and signed webhooks, like every provider after it."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec

from apps.core.http.client import http_client
from apps.payments.demo.models import DemoState
from apps.payments.demo.schemas import CheckoutIn, CheckoutOut, EventBody, RefundIn, RefundOut
from apps.payments.demo.signature import API_TOKEN, HEADER, is_signed
from apps.payments.models import Failure, PaymentState, RefundState, WebhookProblem
from apps.payments.providers import (
    BadSignature,
    NotUnderstood,
    Opened,
    PayRequest,
    ProviderDown,
    RefundReport,
    Report,
    Webhook,
    register,
)
from project.settings import settings

Body = TypeVar("Body")
PAYMENT_STATES = {
    DemoState.open: PaymentState.pending,
    DemoState.failed: PaymentState.failed,
    DemoState.paid: PaymentState.confirmed,
    DemoState.closed: PaymentState.cancelled,
}
EVENT_STATES = {
    "payment.pending": PaymentState.pending,
    "payment.failed": PaymentState.failed,
    "payment.confirmed": PaymentState.confirmed,
    "payment.closed": PaymentState.cancelled,
}
API = "/demo/pay/api/checkouts"


class DemoProvider:
    name = "demo"

    async def open(self, request: PayRequest) -> Opened:
        body = CheckoutIn(
            id=request.payment_id,
            amount=request.amount,
            currency=request.currency,
            description=request.description,
            return_url=request.return_url,
            expires_at=request.expires_at,
        )
        checkout = await self._call("POST", API, body, CheckoutOut)
        return Opened(reference=str(checkout.id), pay_url=checkout.url)

    async def look_up(self, reference: str) -> Report:
        return _report(await self._call("GET", f"{API}/{reference}", None, CheckoutOut))

    async def close(self, reference: str) -> Report:
        return _report(await self._call("POST", f"{API}/{reference}/close", None, CheckoutOut))

    async def refund(self, reference: str, *, refund_id: UUID, amount: int, currency: str) -> RefundReport:
        refund = await self._call("POST", f"{API}/{reference}/refunds", RefundIn(refund_id, amount), RefundOut)
        return RefundReport(refund.id, RefundState.in_transit, str(refund.id))

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        if not is_signed(headers.get(HEADER.lower(), ""), body):
            raise BadSignature

    def read(self, body: bytes) -> Sequence[Webhook]:
        event = msgspec.json.decode(body, type=EventBody)
        return [Webhook(event.id, msgspec.to_builtins(event))]

    def understand(self, payload: Mapping[str, Any]) -> Report | RefundReport | None:
        event = msgspec.convert(payload, EventBody)
        if event.kind == "refund.done":
            return RefundReport(event.subject, RefundState.done, str(event.subject))
        if state := EVENT_STATES.get(event.kind):
            return Report(event.subject, state, event.amount, event.currency, event.failure)
        raise NotUnderstood(WebhookProblem.unknown_kind, event.kind)

    async def _call(self, method: str, path: str, body: msgspec.Struct | None, answer: type[Body]) -> Body:
        headers = {"Authorization": f"Bearer {API_TOKEN}", "Content-Type": "application/json"}
        content = msgspec.json.encode(body) if body is not None else b""
        try:
            async with http_client(settings.base_url) as client:
                response = await client.request(method, path, content=content, headers=headers)
                response.raise_for_status()
            return msgspec.json.decode(response.content, type=answer)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise ProviderDown(reason=type(error).__name__) from error


def _report(checkout: CheckoutOut) -> Report:
    captured = checkout.amount if checkout.state is DemoState.paid else 0
    failure = Failure.declined if checkout.state is DemoState.failed else None
    return Report(checkout.id, PAYMENT_STATES[checkout.state], captured, checkout.currency, failure)


def is_api_token(authorization: str) -> bool:
    return hmac.compare_digest(authorization.encode(), f"Bearer {API_TOKEN}".encode())


register(DemoProvider())
