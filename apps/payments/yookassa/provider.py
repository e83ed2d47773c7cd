"""YooKassa: cards and SBP on its page to pay at, a payment for each of ours, and notifications that are asked about.

https://yookassa.ru/developers/payment-acceptance. How to set it up: docs/payment-providers.md.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

import msgspec

from apps.core.text.i18n import lazy as _
from apps.payments.models import PaymentState, WebhookProblem
from apps.payments.providers import (
    Amounts,
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
from apps.payments.yookassa import reports
from apps.payments.yookassa.settings import YooKassaSettings
from apps.payments.yookassa.transactions import list_transactions

Kind = TypeVar("Kind")
HOUR = timedelta(hours=1)
"""How long YooKassa waits for the fan; it cannot be told otherwise."""
MOST_TEXT = 128
MOST_REFUNDS = 100
"""Of one payment, that are looked through for ours."""
LOCALES = {"ru": "ru_RU"}


class YooKassaProvider(Provider):
    name = "yookassa"
    title = _("Card or SBP (YooKassa)")

    def __init__(self, config: YooKassaSettings) -> None:
        self._http = ProviderHttp(config.api_url)
        self._key = b64encode(f"{config.shop_id}:{config.secret_key}".encode()).decode()
        self._networks = [ip_network(each) for each in config.networks.split()]
        self.capabilities = Capabilities(
            refunds_told=RefundsTold.by_webhook,
            amounts={"RUB": Amounts(1_00, 700_000_00)},
            shortest=HOUR,
            longest=HOUR,
            closes_pages=False,
            lists_transactions=True,
            page_origins=tuple(config.page_origins.split()),
        )

    async def start(self, request: PaymentRequest) -> Started:
        confirmation = {
            "type": "redirect",
            "return_url": request.return_url,
            "locale": LOCALES.get(request.locale, "en_US"),
        }
        body = {
            "amount": reports.to_yookassa(request.amount, request.currency),
            "capture": True,
            "confirmation": confirmation,
            "description": request.description[:MOST_TEXT],
            "metadata": {reports.PAYMENT: str(request.payment_id)},
        }
        payment = await self._ask("POST", "payments", reports.Payment, key=str(request.payment_id), body=body)
        if payment.confirmation is None or payment.confirmation.confirmation_url is None:
            raise ProviderDown(reason="no page to pay at")
        return Started(payment.id, payment.confirmation.confirmation_url)

    async def fetch(self, reference: str) -> Report:
        return _report(await self._payment(reference))

    async def close(self, reference: str) -> Report:
        """Held money is let go.

        A page that nobody has paid at stays open for its hour, and YooKassa has no way to close it. Here it counts as
        closed: what is paid there all the same is late money.
        """
        payment = await self._payment(reference)
        if payment.status == "waiting_for_capture":
            try:
                path = f"payments/{reference}/cancel"
                payment = await self._ask("POST", path, reports.Payment, key=f"cancel-{reference}", body={})
            except ProviderRefused:
                payment = await self._payment(reference)
        report = _report(payment)
        return replace(report, state=PaymentState.cancelled) if report.state is PaymentState.pending else report

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Looked for first: YooKassa knows idempotency keys for a day, and answers a repeat as it was then."""
        path = f"refunds?payment_id={request.reference}&limit={MOST_REFUNDS}"
        ours = {reports.REFUND: str(request.refund_id)}
        known = (await self._ask("GET", path, reports.Refunds)).items
        refund = next((each for each in known if (each.metadata or {}).items() >= ours.items()), None)
        if refund is None:
            amount = reports.to_yookassa(request.amount, request.currency)
            body = {"payment_id": request.reference, "amount": amount, "metadata": ours}
            refund = await self._ask("POST", "refunds", reports.Refund, key=str(request.refund_id), body=body)
        return RefundReport(request.refund_id, reports.REFUND_STATES[refund.status], refund.id)

    def list_transactions(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        return list_transactions(partial(self._ask, "GET"), start, end)

    async def verify(self, call: WebhookCall) -> bytes:
        """Nothing is signed: who calls from YooKassa's networks names an object, and YooKassa is asked about that."""
        if not self._is_from_yookassa(call.address):
            raise BadSignature
        try:
            told = msgspec.json.decode(call.body, type=reports.Notification)
            event = await self._event(told)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ProviderRefused) as error:
            raise BadSignature from error
        return msgspec.json.encode(event)

    def read(self, body: bytes) -> Sequence[Webhook]:
        """YooKassa gives events no ids: an object in a state is one."""
        event = msgspec.json.decode(body, type=reports.Event)
        subject = event.payment or event.refund
        return [Webhook(f"{subject.id}:{subject.status}", msgspec.to_builtins(event))] if subject else []

    def understand(self, payload: Mapping[str, Any]) -> Meaning | None:
        event = msgspec.convert(payload, reports.Event)
        if event.payment:
            return reports.payment_report(event.payment)
        return reports.refund_report(event.refund) if event.refund else None

    async def test(self) -> None:
        await self._ask("GET", "me", dict[str, Any])

    async def disconnect(self) -> None:
        await self._http.close()

    def _is_from_yookassa(self, address: str) -> bool:
        return bool(address) and any(ip_address(address) in network for network in self._networks)

    async def _event(self, told: reports.Notification) -> reports.Event:
        match told.event.partition(".")[0]:
            case "payment":
                return reports.Event(payment=await self._payment(told.object.id))
            case "refund":
                return reports.Event(refund=await self._ask("GET", f"refunds/{told.object.id}", reports.Refund))
        return reports.Event()

    async def _payment(self, reference: str) -> reports.Payment:
        return await self._ask("GET", f"payments/{reference}", reports.Payment)

    async def _ask(self, method: str, path: str, kind: type[Kind], *, key: str = "", body: Any = None) -> Kind:
        headers = {"Authorization": f"Basic {self._key}", "Content-Type": "application/json"}
        if key:
            headers["Idempotence-Key"] = key
        content = b"" if body is None else msgspec.json.encode(body)
        return await self._http.ask(method, f"/v3/{path}", kind, headers=headers, content=content)


def _report(payment: reports.Payment) -> Report:
    report = reports.payment_report(payment)
    if report is None:
        raise NotUnderstood(WebhookProblem.unknown_payment, payment.id)
    return report


declare(YooKassaProvider, YooKassaSettings)
