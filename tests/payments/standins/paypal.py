"""PayPal with its books in memory: orders, captures, refunds, request ids and signed webhooks.

What is asked of it, and what it answers, is looked at by PayPal's own published description where that is at hand.
"""

from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import msgspec

from apps.core.db.database import Database
from apps.payments.providers import provider_named
from project.settings import settings
from tests.payments.standins.line import Asked, Fault, Line, Said
from tests.payments.standins.paypal_schema import problems_of, problems_of_request
from tests.payments.standins.paypal_search import SEARCH, searched
from tests.payments.standins.paypal_webhooks import signed, text_of, verified
from tests.payments.standins.stand_in import Call, StandIn

TOKEN, PAGE = "/v1/oauth2/token", "/checkoutnow"
CAPTURES = {"confirmed": "COMPLETED", "pending": "PENDING", "failed": "DECLINED"}
Object = dict[str, Any]


class Refused(Exception):
    """An answer with an error of PayPal's."""

    def __init__(self, issue: str, *, status: int = 422, name: str = "UNPROCESSABLE_ENTITY") -> None:
        super().__init__(issue)
        self.said = _json(status, {"name": name, "message": issue, "details": [{"issue": issue}]})


class PayPalStandIn(StandIn):
    name = "paypal"
    is_approved_first = True
    signatures_expire = False

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.line = Line(self._answer, is_page=lambda path: path in (TOKEN, PAGE))
        self.orders: dict[str, Object] = {}
        self.captures: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.capture_status = self.refund_status = "COMPLETED"
        self.tokens: list[str] = []
        """All that were given out; the last one is good."""
        self.token_fault: Fault | None = None
        self._answers: dict[tuple[str, str], tuple[bytes, Said]] = {}
        self._moments = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["PayPalStandIn"]:
        provider_named("paypal")._client._good_until = 0.0  # type: ignore[attr-defined]  # a token of another stand-in
        port = urlsplit(settings.provider_variables["PAYPAL_API_URL"]).port or 0
        async with self.line.listening(port), httpx.AsyncClient(trust_env=False) as self.pages:
            yield self
            await provider_named("paypal").disconnect()

    # The API

    async def _answer(self, asked: Asked) -> Said:
        if asked.path == PAGE:
            return self._page(asked)
        if asked.path == TOKEN:
            fault = self.token_fault
            return await fault(asked, self._give_token) if fault else await self._give_token(asked)  # type: ignore[return-value]
        if asked.headers.get("authorization") != f"Bearer {self.tokens[-1] if self.tokens else ''}":
            return _json(401, {"error": "invalid_token"})
        key = (asked.path, asked.headers.get("paypal-request-id", ""))
        if key in self._answers:
            body, said = self._answers[key]
            if body != asked.body:
                self.problems.append(f"another request by the id of {key}")
            return said
        try:
            said = _json(200 if asked.method == "GET" else 201, self._call(asked))
        except Refused as refusal:
            said = refusal.said
        if key[1]:
            self._answers[key] = (asked.body, said)
        return said

    async def _give_token(self, asked: Asked) -> Said:
        basic = b64decode(asked.headers["authorization"].removeprefix("Basic "))
        if basic != b"client:secret" or asked.body != b"grant_type=client_credentials":
            return _json(401, {"error": "invalid_client"})
        self.tokens.append(f"A21AA{uuid4().hex}")
        return _json(200, {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 32400})

    def _call(self, asked: Asked) -> Object:
        if asked.path == SEARCH:
            return searched(asked.query, self.captures.values(), self.refunds.values())
        if asked.path.startswith("/v1/notifications/"):
            return verified(asked.body)
        body = msgspec.json.decode(asked.body) if asked.body else None
        if problems := problems_of_request(asked.path, body) if asked.method == "POST" else []:
            self.problems += problems
            raise Refused("INVALID_PARAMETER_SYNTAX", status=400, name="INVALID_REQUEST")
        if asked.method == "POST" and not asked.headers.get("paypal-request-id"):
            self.problems.append(f"{asked.path} without a request id")
        match [asked.method, *asked.path.split("/")[2:]]:
            case ["POST", "checkout", "orders"]:
                return self._shown(self._create_order(body))
            case ["GET", "checkout", "orders", id]:
                return self._shown(self._order(id))
            case ["POST", "checkout", "orders", id, "capture"]:
                return self._shown(self._capture(self._order(id)))
            case ["POST", "payments", "captures", id, "refund"]:
                return self._refund(self.captures[id], body)
            case ["GET", "payments", "refunds", id]:
                return dict(self.refunds[id])
        raise Refused("RESOURCE_NOT_FOUND", status=404, name="RESOURCE_NOT_FOUND")

    def _order(self, id: str) -> Object:
        if id not in self.orders or self.orders[id]["_gone"]:
            raise Refused("INVALID_RESOURCE_ID", status=404, name="RESOURCE_NOT_FOUND")
        return self.orders[id]

    def _create_order(self, body: Object) -> Object:
        (unit,) = body["purchase_units"]
        value = Decimal(unit["amount"]["value"])
        if value <= 0 or (unit["amount"]["currency_code"] in ("HUF", "JPY", "TWD") and "." in unit["amount"]["value"]):
            raise Refused("DECIMALS_NOT_SUPPORTED")
        id = uuid4().hex[:17].upper()
        page = {"href": f"{self.line.url}{PAGE}?token={id}", "rel": "payer-action", "method": "GET"}
        order = {"id": id, "intent": body["intent"], "status": "PAYER_ACTION_REQUIRED", "links": [page]}
        order |= {"purchase_units": [{"reference_id": "default", **unit}]}
        order |= {"_gone": False, "_declines": False, "_takes_at_once": False}
        order["_page"] = body["payment_source"]["paypal"]["experience_context"]
        self.orders[id] = order
        return self._touched(order)

    def _capture(self, order: Object) -> Object:
        if order["status"] == "COMPLETED":
            raise Refused("ORDER_ALREADY_CAPTURED")
        if order["status"] != "APPROVED":
            raise Refused("ORDER_NOT_APPROVED")
        if order["_declines"]:
            order["status"] = "PAYER_ACTION_REQUIRED"
            raise Refused("INSTRUMENT_DECLINED")
        (unit,) = order["purchase_units"]
        capture = {"id": uuid4().hex[:17].upper(), "status": self.capture_status, "final_capture": True}
        capture |= {"amount": unit["amount"], "custom_id": unit["custom_id"], "create_time": text_of(datetime.now(UTC))}
        fee = {"currency_code": unit["amount"]["currency_code"], "value": "1.00"}
        capture["seller_receivable_breakdown"] = {"gross_amount": unit["amount"], "paypal_fee": fee}
        unit["payments"], order["status"] = {"captures": [capture]}, "COMPLETED"
        self.captures[capture["id"]] = capture
        self._tell_capture(order)
        return self._touched(order)

    def _refund(self, capture: Object, body: Object) -> Object:
        if unknown := set(body) - {"amount", "custom_id", "invoice_id", "note_to_payer"}:
            self.problems.append(f"a refund takes no {unknown}")
        if _minor(body["amount"]) > _minor(capture["amount"]) - self._sent_back(capture):
            raise Refused("REFUND_AMOUNT_EXCEEDED")
        refund = {"id": uuid4().hex[:17].upper(), "status": self.refund_status, **body}
        refund["create_time"] = text_of(datetime.now(UTC))
        refund["links"] = [{"rel": "up", "href": f"{self.line.url}/v2/payments/captures/{capture['id']}"}]
        self.refunds[refund["id"]] = refund
        self._tell("refunded", _refund_event(refund), refund)
        return dict(refund)

    def _sent_back(self, capture: Object) -> int:
        of_it = (each for each in self.refunds.values() if each["links"][0]["href"].endswith(capture["id"]))
        return sum(_minor(each["amount"]) for each in of_it if each["status"] != "FAILED")

    def _shown(self, order: Object) -> Object:
        shown = {name: value for name, value in order.items() if not name.startswith("_")}
        self.problems += problems_of("order", shown)
        return shown

    def _touched(self, order: Object) -> Object:
        self._moments += 1
        order["update_time"] = text_of(datetime(2026, 12, 1, tzinfo=UTC) + timedelta(seconds=self._moments))
        return order

    # The page to pay at

    def _page(self, asked: Asked) -> Said:
        id, _, button = asked.query.removeprefix("token=").partition("/")
        order = self.orders[id]
        if not button:
            text = f'<!doctype html><title>Pay</title><a href="{order["_page"]["cancel_url"]}">Back</a>'
            return Said(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})
        if order["_gone"] or order["status"] == "COMPLETED":
            return Said(409, b"This order is over")
        order["status"], order["_declines"] = "APPROVED", button == "fail"
        self._tell("approved", "CHECKOUT.ORDER.APPROVED", self._shown(self._touched(order)))
        if order["_takes_at_once"]:
            self._capture(order)
        back = order["_page"]["return_url"]
        return Said(303, b"", {"Location": f"{back}{'&' if '?' in back else '?'}token={id}&PayerID=QYR5Z8XDVJNXQ"})

    async def charge(self, pay_url: str) -> int:
        """As when we have just asked for the money, and the answer is lost."""
        status = await self.pay(pay_url)
        self._capture(self.orders[pay_url.rpartition("=")[2]])
        return status

    # What tests do behind the shop's back

    def order_of(self, payment: str) -> Object:
        return next(each for each in self.orders.values() if each["purchase_units"][0]["custom_id"] == payment)

    def page_of(self, payment: str) -> str:
        return f"{self.line.url}{PAGE}?token={self.order_of(payment)['id']}"

    async def reopen(self, payment: str) -> None:
        """As with a capture that we asked for before it was over, and that PayPal has let wait."""
        self.order_of(payment).update(status="PAYER_ACTION_REQUIRED", _gone=False, _takes_at_once=True)

    async def expire(self, payment: str) -> None:
        self.order_of(payment)["_gone"] = True
        self.outbox.append(await self.event("closed", payment))

    async def forget(self, payment: str) -> None:
        self.order_of(payment)["_gone"] = True
        self.captures = {id: each for id, each in self.captures.items() if each["custom_id"] != payment}

    def settle(self, payment: str, status: str) -> None:
        """What became of a capture that was pending."""
        order = self.order_of(payment)
        order["purchase_units"][0]["payments"]["captures"][0]["status"] = status
        self._tell_capture(order)

    def refund_at_paypal(self, payment: str, value: str, *, event: str = "PAYMENT.CAPTURE.REFUNDED") -> None:
        (capture,) = self.order_of(payment)["purchase_units"][0]["payments"]["captures"]
        self._refund(capture, {"amount": {"currency_code": "EUR", "value": value}, "custom_id": payment})
        self.take()
        self._tell("refunded", event, list(self.refunds.values())[-1])

    def dispute(self, payment: str, what: str, *, status: str = "OPEN", outcome: str = "") -> None:
        (unit,) = self.order_of(payment)["purchase_units"]
        told: Object = {"dispute_id": f"PP-D-{payment[-5:]}", "status": status, "reason": "UNAUTHORISED"}
        told |= {"dispute_amount": unit["amount"], "dispute_outcome": {"outcome_code": outcome}}
        told["disputed_transactions"] = [{"seller_transaction_id": unit["payments"]["captures"][0]["id"]}]
        self._tell("dispute", f"CUSTOMER.DISPUTE.{what}", told)

    async def dispute_it(self, payment: str, state: str) -> None:
        if state == "open":
            self.dispute(payment, "CREATED")
        else:
            outcome = {"won": "RESOLVED_SELLER_FAVOUR", "lost": "RESOLVED_BUYER_FAVOUR"}[state]
            self.dispute(payment, "RESOLVED", status="RESOLVED", outcome=outcome)

    async def books(self, payment: str) -> tuple[int, int]:
        captures = [each for each in self.captures.values() if each["custom_id"] == payment]
        taken = sum(_minor(each["amount"]) for each in captures if each["status"] == "COMPLETED")
        return taken, sum(map(self._sent_back, captures))

    async def event(
        self, kind: str, payment: str, *, amount: int | None = None, currency: str = "EUR", refund: str = ""
    ) -> Call:
        if kind in ("refunded", "refund_failed"):
            made = next(each for each in self.refunds.values() if each["custom_id"] == f"refund-{refund}")
            made["status"] = "COMPLETED" if kind == "refunded" else "FAILED"
            return self._event(kind, _refund_event(made), made)
        known = [each for each in self.orders.values() if each["purchase_units"][0]["custom_id"] == payment]
        order = known[0]["id"] if known else "OF-NOBODY"
        if kind == "closed":
            told = {"order_id": order, "purchase_units": [{"reference_id": "default", "custom_id": payment}]}
            return self._event(kind, "CHECKOUT.PAYMENT-APPROVAL.REVERSED", told)
        whole = _minor(known[0]["purchase_units"][0]["amount"]) if known else 1
        money = {"currency_code": currency, "value": str(Decimal(whole if amount is None else amount) / 100)}
        ids = [each["id"] for each in self.captures.values() if each["custom_id"] == payment]
        capture = {"id": ids[0] if ids else "NONE-YET", "custom_id": payment, "amount": money}
        capture["status"] = CAPTURES.get(kind, "COMPLETED")
        return self._event(kind, _capture_event(capture, is_known=kind in CAPTURES), _of_order(capture, order))

    def signs(self, body: bytes) -> bool:
        return body.startswith(b"{") and body.endswith(b"}")

    def signed(self, body: bytes, *, age: int = 0, by: str = "new") -> Mapping[str, str]:
        return signed(body, age=age, by=by)

    def _tell_capture(self, order: Object) -> None:
        (capture,) = order["purchase_units"][0]["payments"]["captures"]
        kind = next(kind for kind, status in CAPTURES.items() if status == capture["status"])
        self._tell(kind, _capture_event(capture), _of_order(capture, order["id"]))

    def _tell(self, kind: str, event: str, what: Object) -> None:
        self.outbox.append(self._event(kind, event, what))

    def _event(self, kind: str, event: str, what: Object) -> Call:
        told = {"id": f"WH-{uuid4().hex}", "event_version": "1.0", "event_type": event, "resource": what}
        body = msgspec.json.encode(told)
        return Call(kind, self.signed(body), body)


def _minor(money: Object) -> int:
    return int(Decimal(money["value"]) * 100)


def _of_order(capture: Object, order: str) -> Object:
    return {**capture, "supplementary_data": {"related_ids": {"order_id": order}}}


def _capture_event(capture: Object, *, is_known: bool = True) -> str:
    return f"PAYMENT.CAPTURE.{capture['status']}" if is_known else "SOMETHING.NEW"


def _refund_event(refund: Object) -> str:
    return "PAYMENT.CAPTURE.REFUNDED" if refund["status"] == "COMPLETED" else f"PAYMENT.REFUND.{refund['status']}"


def _json(status: int, body: Object) -> Said:
    return Said(status, msgspec.json.encode(body), {"Content-Type": "application/json", "Paypal-Debug-Id": "1"})
