"""A stand-in for YooKassa: payments, refunds, and notifications without a signature, as its documentation has them."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import msgspec

from apps.core.db.database import Database
from apps.payments.providers import provider_named
from project.settings import settings
from tests.payments.standins.line import Asked, Line, Said
from tests.payments.standins.stand_in import Call, StandIn

PAGES = "/pay/"
ADDRESSES = {"new": "185.71.76.5", "old": "2a02:5180::9", "other": "203.0.113.9"}
KEY = "Basic " + b64encode(b"100500:test_backline").decode()
PAYMENT_FIELDS = {"amount", "capture", "confirmation", "description", "metadata"}
REFUND_FIELDS = {"payment_id", "amount", "metadata"}
DECLINED = {"party": "payment_network", "reason": "insufficient_funds"}
EXPIRED = {"party": "yoo_money", "reason": "expired_on_confirmation"}
NAMES = {
    "pending": "payment.waiting_for_capture",
    "confirmed": "payment.succeeded",
    "failed": "payment.canceled",
    "closed": "payment.canceled",
    "unknown": "something.new",
}
SAYS = {
    "pending": {"status": "pending"},
    "confirmed": {"status": "succeeded", "paid": True},
    "failed": {"status": "canceled", "cancellation_details": DECLINED},
    "closed": {"status": "canceled", "cancellation_details": EXPIRED},
    "unknown": {},
}
Object = dict[str, Any]


class Refused(Exception):
    """An answer with an error of YooKassa's."""

    def __init__(self, description: str, *, status: int = 400, code: str = "invalid_request") -> None:
        super().__init__(description)
        self.status = status
        self.body = {"type": "error", "id": str(uuid4()), "code": code, "description": description}


class YooKassaStandIn(StandIn):
    name = "yookassa"
    currency = "RUB"
    is_signed = closes_pages = False

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.line = Line(self._answer, is_page=lambda path: path.startswith(PAGES))
        self.payments: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.refund_status = "succeeded"
        self._says_once: dict[str, Object] = {}
        self._answers: dict[str, tuple[bytes, Said]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["YooKassaStandIn"]:
        port = urlsplit(settings.provider_variables["YOOKASSA_API_URL"]).port or 0
        async with self.line.listening(port), httpx.AsyncClient(trust_env=False) as self.pages:
            yield self
            await provider_named("yookassa").disconnect()

    # The API

    async def _answer(self, asked: Asked) -> Said:
        if asked.path.startswith(PAGES):
            return self._page(asked)
        key = asked.headers.get("idempotence-key", "")
        if key in self._answers:
            body, said = self._answers[key]
            if body == asked.body:
                return said
            return _json(400, Refused("Idempotence key duplicated").body)
        try:
            said = _json(200, self._call(asked, key))
        except Refused as refusal:
            return _json(refusal.status, refusal.body)
        if key:
            self._answers[key] = (asked.body, said)
        return said

    def _call(self, asked: Asked, key: str) -> Object:
        if asked.headers.get("authorization") != KEY:
            raise Refused("Error in shopId or secret key", status=401, code="invalid_credentials")
        if asked.method == "POST" and not 0 < len(key) <= 64:
            raise Refused("Idempotence key is missing")
        form: Object = msgspec.json.decode(asked.body) if asked.method == "POST" else {}
        match [asked.method, *asked.path.removeprefix("/v3/").split("/")]:
            case ["GET", "me"]:
                return {"account_id": "100500", "status": "enabled", "test": True}
            case ["POST", "payments"]:
                return self._create_payment(form)
            case ["GET", "payments", id]:
                return self._says_once.pop(id, None) or _found(self.payments, id)
            case ["POST", "payments", id, "cancel"]:
                return self._cancel(_found(self.payments, id))
            case ["POST", "refunds"]:
                return self._create_refund(form)
            case ["GET", "refunds"]:
                query = {name: value for name, (value,) in parse_qs(asked.query).items()}
                refunds = self._refunds_of(query["payment_id"]) if "payment_id" in query else self.refunds.values()
                return _listed([*refunds], query)
            case ["GET", "payments"]:
                query = {name: value for name, (value,) in parse_qs(asked.query).items()}
                return _listed([*self.payments.values()], query)
            case ["GET", "refunds", id]:
                return _found(self.refunds, id)
        raise Refused("No such place", status=404, code="not_found")

    def _create_payment(self, form: Object) -> Object:
        self._refuse_unknown(form, PAYMENT_FIELDS)
        if form["amount"]["currency"] != "RUB" or not 1 <= Decimal(form["amount"]["value"]) <= 700_000:
            raise Refused("Incorrect amount")
        if len(form["description"]) > 128 or form["capture"] is not True:
            raise Refused("Incorrect description")
        id = str(uuid4())
        page = {"type": "redirect", "confirmation_url": f"{self.line.url}{PAGES}{id}"}
        self.payments[id] = {
            "id": id,
            "status": "pending",
            "paid": False,
            "amount": form["amount"],
            "confirmation": form["confirmation"] | page,
            "created_at": _now(),
            "description": form["description"],
            "metadata": form["metadata"],
            "recipient": {"account_id": "100500", "gateway_id": "100700"},
            "refundable": False,
            "test": True,
        }
        return dict(self.payments[id])

    def _cancel(self, payment: Object) -> Object:
        if payment["status"] != "waiting_for_capture":
            raise Refused("Payment is in wrong state")
        self._end(payment, "closed", {"party": "merchant", "reason": "canceled_by_merchant"})
        return dict(payment)

    def _create_refund(self, form: Object) -> Object:
        self._refuse_unknown(form, REFUND_FIELDS)
        payment = _found(self.payments, form["payment_id"])
        left = self._taken(payment) - self._sent(payment)
        if not 0 < Decimal(form["amount"]["value"]) * 100 <= left:
            raise Refused("Refund amount is greater than what is left")
        return dict(self._made_refund(payment, form["amount"], form["metadata"]))

    def _made_refund(self, payment: Object, amount: Object, metadata: Object) -> Object:
        refund = {"id": str(uuid4()), "payment_id": payment["id"], "status": self.refund_status, "amount": amount}
        self.refunds[refund["id"]] = refund | {"created_at": _now(), "metadata": metadata}
        if self.refund_status == "succeeded":
            self._tell("refunded", "refund.succeeded", self.refunds[refund["id"]])
        return self.refunds[refund["id"]]

    def _refunds_of(self, payment: str) -> list[Object]:
        return [each for each in self.refunds.values() if each["payment_id"] == payment]

    def _refuse_unknown(self, form: Object, known: set[str]) -> None:
        if form.keys() != known:
            self.problems.append(f"fields {sorted(form)}")

    # The page to pay at

    def _page(self, asked: Asked) -> Said:
        id, _, button = asked.path.removeprefix(PAGES).partition("/")
        payment = self.payments[id]
        if not button:
            form = f'<form method="post" action="{PAGES}{id}/pay"><button>Pay</button></form>'
            return Said(
                200, f"<!doctype html><title>Pay</title><h1>YooKassa</h1>{form}".encode(), {"Content-Type": "text/html"}
            )
        if payment["status"] != "pending":
            return Said(409, b"This page is closed")
        if button == "pay":
            payment |= {"status": "succeeded", "paid": True, "refundable": True, "captured_at": _now()}
            payment["income_amount"] = _amount(self._taken(payment) * 97 // 100, "RUB")
            self._tell("confirmed", "payment.succeeded", payment)
        if button == "fail":
            self._end(payment, "failed", DECLINED)
        return Said(303, b"", {"Location": payment["confirmation"]["return_url"]})

    async def begin_authentication(self, pay_url: str) -> None:
        await self.press(pay_url, "challenge")

    def _end(self, payment: Object, kind: str, details: Object) -> None:
        payment |= {"status": "canceled", "cancellation_details": details}
        self._tell(kind, "payment.canceled", payment)

    # What tests do behind the shop's back

    def payment_of(self, payment: str) -> Object:
        return next(each for each in self.payments.values() if each["metadata"]["payment_id"] == payment)

    def page_of(self, payment: str) -> str:
        return str(self.payment_of(payment)["confirmation"]["confirmation_url"])

    async def reopen(self, payment: str) -> None:
        self.payment_of(payment).update(status="pending")

    async def expire(self, payment: str) -> None:
        self._end(self.payment_of(payment), "closed", EXPIRED)

    def hold(self, payment: str) -> None:
        """Money that waits for a second stage, which nobody asked for."""
        self.payment_of(payment)["status"] = "waiting_for_capture"
        self._tell("pending", "payment.waiting_for_capture", self.payment_of(payment))

    def refund_at_dashboard(self, payment: str, amount: int) -> None:
        self._made_refund(self.payment_of(payment), _amount(amount, "RUB"), {})

    async def forget(self, payment: str) -> None:
        self.payments.pop(self.payment_of(payment)["id"])

    async def books(self, payment: str) -> tuple[int, int]:
        found = [each for each in self.payments.values() if each["metadata"]["payment_id"] == payment]
        return (self._taken(found[0]), self._sent(found[0])) if found else (0, 0)

    def _taken(self, payment: Object) -> int:
        return int(Decimal(payment["amount"]["value"]) * 100) if payment["status"] == "succeeded" else 0

    def _sent(self, payment: Object) -> int:
        sent = [each for each in self._refunds_of(payment["id"]) if each["status"] != "canceled"]
        return sum(int(Decimal(each["amount"]["value"]) * 100) for each in sent)

    async def event(
        self, kind: str, payment: str, *, amount: int | None = None, currency: str = "RUB", refund: str = ""
    ) -> Call:
        """Asked about it, the stand-in says the same once."""
        if kind in ("refunded", "refund_failed"):
            made = next(each for each in self.refunds.values() if each["metadata"].get("refund_id") == refund)
            made["status"] = "succeeded" if kind == "refunded" else "canceled"
            return self.notification(kind, f"refund.{made['status']}", made)
        known = [each for each in self.payments.values() if each["metadata"]["payment_id"] == payment]
        told = dict(known[0]) if known else {"id": str(uuid4()), "status": "pending", "amount": _amount(100, "RUB")}
        money = _amount(amount, currency) if amount is not None else told["amount"] | {"currency": currency}
        told |= {"metadata": {"payment_id": payment}, "amount": money, **SAYS[kind]}
        self._says_once[told["id"]] = told
        return self.notification(kind, NAMES[kind], told)

    def signed(self, body: bytes, *, age: int = 0, by: str = "new") -> Mapping[str, str]:
        """As the proxy before the shop tells where the call comes from: YooKassa's networks, or another's."""
        return {"X-Forwarded-For": ADDRESSES[by]}

    def notification(self, kind: str, event: str, what: Object) -> Call:
        body = msgspec.json.encode({"type": "notification", "event": event, "object": what})
        return Call(kind, self.signed(body), body)

    def _tell(self, kind: str, event: str, what: Object) -> None:
        self.outbox.append(self.notification(kind, event, what))


def _amount(amount: int, currency: str) -> Object:
    return {"value": f"{amount // 100}.{amount % 100:02}", "currency": currency}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _listed(objects: Sequence[Object], query: Mapping[str, str]) -> Object:
    """A page; `cursor` is where it begins."""
    first, last = (
        datetime.fromisoformat(query.get(f"created_at.{name}", f"{year}-01-01T00:00:00+00:00"))
        for name, year in (("gte", 2000), ("lt", 2100))
    )
    found = [each for each in objects if first <= datetime.fromisoformat(each["created_at"]) < last]
    start, limit = int(query.get("cursor", 0)), int(query["limit"])
    more = {"next_cursor": str(start + limit)} if len(found) > start + limit else {}
    return {"type": "list", "items": found[start : start + limit], **more}


def _found(objects: Mapping[str, Object], id: str) -> Object:
    if id not in objects:
        raise Refused("Object not found", status=404, code="not_found")
    return objects[id]


def _json(status: int, body: Object) -> Said:
    return Said(status, msgspec.json.encode(body), {"Content-Type": "application/json"})
