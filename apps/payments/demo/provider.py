"""The demo provider as the shop sees it: an HTTP API and signed webhooks, like every provider after it."""

import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from apps.core.text.i18n import lazy as _
from apps.payments.demo.models import DemoState
from apps.payments.demo.schemas import (
    CheckoutIn,
    CheckoutOut,
    CountOut,
    EventBody,
    RefundIn,
    RefundOut,
    TransactionOut,
    TransactionsOut,
)
from apps.payments.demo.signature import API_TOKEN, HEADER, is_signed
from apps.payments.demo.webhooks import to_shop
from apps.payments.models import DisputeState, Failure, PaymentState, RefundState, WebhookProblem
from apps.payments.providers import (
    Amounts,
    BadSignature,
    Capabilities,
    DisputeReport,
    NotUnderstood,
    PaymentRequest,
    Provider,
    RefundReport,
    RefundRequest,
    RefundsTold,
    Report,
    Started,
    Transaction,
    TransactionKind,
    Webhook,
    WebhookCall,
    register,
)
from apps.payments.providers.http import ProviderHttp
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
REFUND_EVENT_STATES = {"refund.done": RefundState.done, "refund.failed": RefundState.failed}
DISPUTE_EVENT_STATES = {f"dispute.{state}": state for state in DisputeState}
API, TRANSACTIONS = "/demo/pay/api/checkouts", "/demo/pay/api/transactions"


class DemoProvider(Provider):
    name = "demo"
    title = _("Demo Pay")
    capabilities = Capabilities(
        refunds_told=RefundsTold.by_webhook, amounts={}, other_amounts=Amounts(), lists_transactions=True
    )

    def __init__(self, http: ProviderHttp) -> None:
        self._http = http

    async def start(self, request: PaymentRequest) -> Started:
        body = CheckoutIn(
            id=request.payment_id,
            amount=request.amount,
            currency=request.currency,
            description=request.description,
            return_url=request.return_url,
            expires_at=request.expires_at,
        )
        checkout = await self._call("POST", API, body, CheckoutOut)
        return Started(reference=str(checkout.id), pay_url=checkout.url)

    async def fetch(self, reference: str) -> Report:
        return _report(await self._call("GET", f"{API}/{reference}", None, CheckoutOut))

    async def close(self, reference: str) -> Report:
        return _report(await self._call("POST", f"{API}/{reference}/close", None, CheckoutOut))

    async def refund(self, request: RefundRequest) -> RefundReport:
        body = RefundIn(request.refund_id, request.amount)
        refund = await self._call("POST", f"{API}/{request.reference}/refunds", body, RefundOut)
        return RefundReport(refund.id, RefundState.in_transit, str(refund.id))

    async def list_transactions(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        query = {"start": start.isoformat(), "end": end.isoformat()}
        while True:
            page = await self._call("GET", f"{TRANSACTIONS}?{urlencode(query)}", None, TransactionsOut)
            for each in page.items:
                yield _transaction(each)
            if page.next is None:
                return
            query["after"] = str(page.next)

    async def verify(self, call: WebhookCall) -> bytes:
        if not is_signed(call.headers.get(HEADER.lower(), ""), call.body):
            raise BadSignature
        return call.body

    def read(self, body: bytes) -> Sequence[Webhook]:
        event = msgspec.json.decode(body, type=EventBody)
        return [Webhook(event.id, msgspec.to_builtins(event))]

    def understand(self, payload: Mapping[str, Any]) -> Report | RefundReport | DisputeReport:
        event = msgspec.convert(payload, EventBody)
        if state := REFUND_EVENT_STATES.get(event.kind):
            return RefundReport(event.subject, state, str(event.subject))
        if disputed := DISPUTE_EVENT_STATES.get(event.kind):
            reference = str(event.subject)
            return DisputeReport(reference, f"dispute of {reference}", disputed, event.amount, event.currency)
        if paid := EVENT_STATES.get(event.kind):
            reference = str(event.subject)
            return Report(event.subject, paid, event.amount, event.currency, event.failure, reference, reference)
        raise NotUnderstood(WebhookProblem.unknown_kind, event.kind)

    async def test(self) -> None:
        await self._call("GET", API, None, CountOut)

    async def _call(self, method: str, path: str, body: msgspec.Struct | None, answer: type[Body]) -> Body:
        headers = {"Authorization": f"Bearer {API_TOKEN}", "Content-Type": "application/json"}
        content = msgspec.json.encode(body) if body is not None else b""
        return await self._http.ask(method, path, answer, content=content, headers=headers)

    async def disconnect(self) -> None:
        await self._http.close()
        await to_shop.close()


def _report(checkout: CheckoutOut) -> Report:
    captured = checkout.amount if checkout.state is DemoState.paid else 0
    failure = Failure.declined if checkout.state is DemoState.failed else None
    state, reference = PAYMENT_STATES[checkout.state], str(checkout.id)
    return Report(checkout.id, state, captured, checkout.currency, failure, reference, reference)


def _transaction(told: TransactionOut) -> Transaction:
    id = told.refund_id or told.checkout_id
    return Transaction(
        kind=TransactionKind.refund if told.refund_id else TransactionKind.charge,
        id=id,
        reference=str(id),
        charge_reference=str(told.checkout_id),
        amount=told.amount,
        currency=told.currency,
        happened_at=told.made_at,
    )


def is_api_token(authorization: str) -> bool:
    return hmac.compare_digest(authorization.encode(), f"Bearer {API_TOKEN}".encode())


register(DemoProvider(ProviderHttp(settings.base_url)))
