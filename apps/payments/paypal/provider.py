"""PayPal by its Orders API, version 2: an order for each payment, whose money is taken after the fan's yes.

https://developer.paypal.com/docs/api/orders/v2/. How to set it up: docs/payment-providers.md.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from apps.core.text.i18n import lazy as _
from apps.payments.paypal import reports
from apps.payments.paypal.client import PayPalClient, Refusal
from apps.payments.paypal.currencies import AMOUNTS, to_paypal
from apps.payments.paypal.objects import Event, Order, Refund, read_object
from apps.payments.paypal.settings import PayPalSettings
from apps.payments.paypal.transactions import list_transactions
from apps.payments.providers import (
    BadSignature,
    Capabilities,
    Meaning,
    PaymentGone,
    PaymentRequest,
    Provider,
    ProviderDown,
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
from project.settings import settings

ORDERS = "/v2/checkout/orders"
LOCALES = {"en": "en-US", "ru": "ru-RU"}
LONGEST_TEXT = 127


class PayPalProvider(Provider):
    name = "paypal"
    title = _("PayPal")

    def __init__(self, config: PayPalSettings) -> None:
        self._http = ProviderHttp(config.api_url)
        self._client = PayPalClient(config, self._http)
        self._webhook_id = config.webhook_id
        self.capabilities = Capabilities(
            refunds_told=RefundsTold.at_once,  # those that take days, by a webhook
            amounts=AMOUNTS,
            longest=timedelta(hours=3),  # PayPal keeps an order for so long that nobody approves
            lists_transactions=True,
            page_origins=tuple(config.page_origins.split()),
        )

    async def start(self, request: PaymentRequest) -> Started:
        page = {
            "brand_name": settings.band_name[:LONGEST_TEXT],
            "locale": LOCALES.get(request.locale, "en-US"),
            "shipping_preference": "NO_SHIPPING",
            "user_action": "PAY_NOW",
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
        }
        unit = {
            "custom_id": str(request.payment_id),
            "description": request.description[:LONGEST_TEXT],
            "amount": {"currency_code": request.currency, "value": to_paypal(request.amount, request.currency)},
        }
        source = {"paypal": {"experience_context": page}}
        body = {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": source}
        order = await self._client.call("POST", ORDERS, Order, body=body, request_id=str(request.payment_id))
        if order.pay_url is None:
            raise ProviderDown(reason="no page to pay at")
        return Started(order.id, order.pay_url)

    async def fetch(self, reference: str) -> Report:
        """Take the money of an order that the fan has approved; it is only asked of payments that are not over."""
        order = await self._order(reference)
        if order.status != "APPROVED":
            return reports.order_report(order)
        try:
            return reports.order_report(await self._capture(order))
        except Refusal as refusal:
            if failure := reports.failure_of(refusal.issues):
                return reports.order_report(order, failure)
            order = await self._order(reference)
            if order.status == "APPROVED":
                raise
        return reports.order_report(order)  # somebody else has taken it at the same moment, or the yes is over

    async def close(self, reference: str) -> Report:
        """PayPal closes no order: it is left alone, and PayPal forgets it. What is not taken by now never will be."""
        return reports.order_report(await self._order(reference), is_over=True)

    async def refund(self, request: RefundRequest) -> RefundReport:
        """PayPal knows the id of a request for 45 days, and answers a repeat by how the refund stood or stands."""
        capture = request.charge_reference or await self._capture_of(request.reference)
        body = {
            "custom_id": f"{reports.REFUND}{request.refund_id}",
            "amount": {"currency_code": request.currency, "value": to_paypal(request.amount, request.currency)},
        }
        path, request_id = f"/v2/payments/captures/{capture}/refund", str(request.refund_id)
        refund = await self._client.call("POST", path, Refund, body=body, request_id=request_id)
        if refund.status == "PENDING":
            refund = await self._client.call("GET", f"/v2/payments/refunds/{refund.id}", Refund)
        return reports.refund_report(refund, request.refund_id)

    def list_transactions(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        return list_transactions(self._client, start, end)

    async def verify(self, call: WebhookCall) -> bytes:
        if not await self._client.has_sent(call, self._webhook_id):
            raise BadSignature
        return call.body

    def read(self, body: bytes) -> Sequence[Webhook]:
        event = msgspec.json.decode(body, type=dict[str, Any])
        return [Webhook(read_object(event, Event).id, event)]

    def understand(self, payload: Mapping[str, Any]) -> Meaning | None:
        return reports.meaning_of(read_object(payload, Event))

    async def test(self) -> None:
        await self._client.fetch_token()

    async def disconnect(self) -> None:
        await self._http.close()

    async def _order(self, reference: str) -> Order:
        """Raises PaymentGone for one that PayPal has forgotten, as it does when nobody approved it in time."""
        try:
            return await self._client.call("GET", f"{ORDERS}/{reference}", Order)
        except Refusal as refusal:
            if "RESOURCE_NOT_FOUND" in refusal.issues:
                raise PaymentGone from refusal
            raise

    async def _capture(self, order: Order) -> Order:
        """Once for each yes: after a card was declined, the fan's next yes is another request."""
        request_id = f"{order.id}-{order.update_time}"
        return await self._client.call("POST", f"{ORDERS}/{order.id}/capture", Order, body={}, request_id=request_id)

    async def _capture_of(self, reference: str) -> str:
        capture = (await self._order(reference)).capture
        return capture.id if capture else ""


declare(PayPalProvider, PayPalSettings)
