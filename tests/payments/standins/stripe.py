"""A stand-in for Stripe Checkout: sessions, refunds and signed webhooks, as Stripe's documentation has them.

Every request is checked against Stripe's published description where that is at hand.
"""

import hmac
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import msgspec

from apps.core.db.database import Database
from apps.payments.providers import provider_named
from project.settings import settings
from tests.payments.standins.line import Asked, Line, Said
from tests.payments.standins.schema import form_of, problems_of
from tests.payments.standins.stand_in import Call, StandIn

VERSION = "2026-10-28.endive"
SECRETS = {"new": "whsec_new", "old": "whsec_old", "other": "whsec_other"}
PAGES = "/pay/"
DECLINED = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}
Object = dict[str, Any]


class Refused(Exception):
    """An answer with an error of Stripe's."""

    def __init__(self, message: str, *, status: int = 400, code: str = "", type: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": {"type": type, "code": code, "message": message}}


class StripeStandIn(StandIn):
    name = "stripe"

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.line = Line(self._answer, is_page=lambda path: path.startswith(PAGES))
        self.sessions: dict[str, Object] = {}
        self.intents: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.refund_status = "succeeded"
        self._answers: dict[str, tuple[bytes, Said]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StripeStandIn"]:
        port = urlsplit(settings.provider_variables["STRIPE_API_URL"]).port or 0
        async with self.line.listening(port), httpx.AsyncClient(trust_env=False) as self.pages:
            yield self
            await provider_named("stripe").disconnect()

    # The API

    async def _answer(self, asked: Asked) -> Said:
        if asked.path.startswith(PAGES):
            return self._page(asked)
        key = asked.headers.get("idempotency-key", "")
        if key in self._answers:
            body, said = self._answers[key]
            if body == asked.body:
                return said
            return _json(400, Refused("Keys are for one request only", type="idempotency_error").body)
        try:
            said = _json(200, self._call(asked))
        except Refused as refusal:
            return _json(refusal.status, refusal.body)
        if key:
            self._answers[key] = (asked.body, said)
        return said

    def _call(self, asked: Asked) -> Object:
        if asked.headers.get("authorization") != "Bearer sk_test_backline":
            raise Refused("Invalid API Key", status=401)
        if asked.headers.get("stripe-version") != VERSION:
            self.problems.append("no pinned version")
        if (asked.method, asked.path) == ("GET", "/v1/balance"):  # not in the part of the description that is at hand
            return {"object": "balance", "livemode": False, "available": [], "pending": []}
        form = form_of(asked.query if asked.method == "GET" else asked.body.decode())
        if problems := problems_of(asked.method, asked.path, form):
            self.problems += problems
            raise Refused(problems[0], code="parameter_unknown")
        match [asked.method, *asked.path.removeprefix("/v1/").split("/")]:
            case ["POST", "checkout", "sessions"]:
                return self._create_session(form)
            case ["GET", "checkout", "sessions", id]:
                return self._shown(_found(self.sessions, id), expand="payment_intent" in form.get("expand", ()))
            case ["POST", "checkout", "sessions", id, "expire"]:
                return self._expire_session(_found(self.sessions, id))
            case ["POST", "refunds"]:
                return self._create_refund(form)
            case ["GET", "refunds"]:
                wanted = form.get("payment_intent")
                return _listed(
                    [each for each in self.refunds.values() if wanted in (None, each["payment_intent"])], form
                )
            case ["GET", "charges"]:
                return _listed([_charge(each) for each in self.intents.values() if each["amount_received"]], form)
        raise Refused("Unrecognized request URL", status=404)

    def _create_session(self, form: Object) -> Object:
        ((item),) = form["line_items"]
        amount = int(item["price_data"]["unit_amount"]) * int(item["quantity"])
        if not 30 * 60 <= int(form["expires_at"]) - time.time() <= 24 * 60 * 60:
            raise Refused("expires_at must be between 30 minutes and 24 hours from now")
        if amount < 50:
            raise Refused("The amount is too small", code="amount_too_small")
        id = f"cs_test_{uuid4().hex}"
        told = {name: form[name] for name in ("client_reference_id", "metadata", "mode", "success_url", "cancel_url")}
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "currency": item["price_data"]["currency"],
            "amount_total": amount,
            "url": f"{self.line.url}{PAGES}{id}",
            "payment_intent": None,
            "_metadata": form["payment_intent_data"]["metadata"],
            **told,
        }
        return self._shown(self.sessions[id])

    def _expire_session(self, session: Object) -> Object:
        if session["status"] != "open":
            raise Refused("Only Checkout Sessions with a status in [open] can be expired")
        session["status"], session["url"] = "expired", None
        self._tell("closed", "checkout.session.expired", session)
        return self._shown(session)

    def _create_refund(self, form: Object) -> Object:
        intent = _found(self.intents, form["payment_intent"])
        left = intent["amount_received"] - sum(
            each["amount"] for each in self._refunds_of(intent) if each["status"] != "failed"
        )
        if int(form["amount"]) > left:
            raise Refused("Refund amount is greater than unrefunded amount on charge", code="charge_already_refunded")
        return self._made_refund(intent, int(form["amount"]), form.get("metadata", {}))

    def _made_refund(self, intent: Object, amount: int, metadata: Object) -> Object:
        refund = {"id": f"re_{uuid4().hex}", "object": "refund", "amount": amount, "currency": intent["currency"]}
        refund |= {"payment_intent": intent["id"], "status": self.refund_status, "metadata": metadata}
        refund["created"] = int(time.time())
        self.refunds[refund["id"]] = refund
        self._tell("refunded", "refund.created", refund)
        self._tell("charge_refunded", "charge.refunded", {"object": "charge", "payment_intent": intent["id"]})
        return dict(refund)

    def _refunds_of(self, intent: Object) -> list[Object]:
        return [each for each in self.refunds.values() if each["payment_intent"] == intent["id"]]

    def _shown(self, session: Object, *, expand: bool = False) -> Object:
        shown = {name: value for name, value in session.items() if not name.startswith("_")}
        if expand and session["payment_intent"]:
            shown["payment_intent"] = self.intents[session["payment_intent"]]
        return shown

    # The page to pay at

    def _page(self, asked: Asked) -> Said:
        id, _, button = asked.path.removeprefix(PAGES).partition("/")
        session = self.sessions[id]
        if not button:
            return Said(200, _html(session), {"Content-Type": "text/html; charset=utf-8"})
        if session["status"] != "open":
            return Said(409, b"This page is closed")
        act: Callable[[Object], str] = {"pay": self._paid, "fail": self._declined, "challenge": self._challenged}[
            button
        ]
        return Said(303, b"", {"Location": act(session)})

    def _paid(self, session: Object) -> str:
        intent = self._intent(session)
        intent |= {"status": "succeeded", "amount_received": session["amount_total"], "last_payment_error": None}
        session["status"], session["payment_status"] = "complete", "paid"
        self._tell("intent", "payment_intent.succeeded", intent)
        self._tell("confirmed", "checkout.session.completed", session)
        return str(session["success_url"])

    def _declined(self, session: Object) -> str:
        intent = self._intent(session)
        intent |= {"status": "requires_payment_method", "last_payment_error": DECLINED}
        self._tell("failed", "payment_intent.payment_failed", intent)
        return f"{PAGES}{session['id']}"

    def _challenged(self, session: Object) -> str:
        intent = self._intent(session)
        intent["status"] = "requires_action"
        self._tell("intent", "payment_intent.requires_action", intent)
        return f"{PAGES}{session['id']}"

    def _intent(self, session: Object) -> Object:
        """Stripe makes one when it is first tried to pay."""
        if session["payment_intent"] is None:
            made = {"id": f"pi_{uuid4().hex}", "object": "payment_intent", "amount": session["amount_total"]}
            made |= {"currency": session["currency"], "metadata": session["_metadata"], "amount_received": 0}
            made["created"] = int(time.time())
            self.intents[made["id"]] = made | {"last_payment_error": None, "status": "requires_payment_method"}
            session["payment_intent"] = made["id"]
        return self.intents[session["payment_intent"]]

    async def begin_authentication(self, pay_url: str) -> None:
        await self.press(pay_url, "challenge")

    # What tests do behind the shop's back

    def session_of(self, payment: str) -> Object:
        return next(each for each in self.sessions.values() if each["client_reference_id"] == payment)

    def page_of(self, payment: str) -> str:
        return f"{self.line.url}{PAGES}{self.session_of(payment)['id']}"

    async def reopen(self, payment: str) -> None:
        session = self.session_of(payment)
        session["status"], session["url"] = "open", f"{self.line.url}{PAGES}{session['id']}"

    async def expire(self, payment: str) -> None:
        self._expire_session(self.session_of(payment))

    async def pay_later(self, payment: str, *, succeeds: bool = True) -> None:
        """By a bank debit: the page is completed first, and the money comes days later, or does not."""
        session = self.session_of(payment)
        intent = self._intent(session)
        if session["status"] == "open":
            session["status"], intent["status"] = "complete", "processing"
            self._tell("pending", "checkout.session.completed", session)
        elif succeeds:
            session["payment_status"] = "paid"
            intent |= {"status": "succeeded", "amount_received": session["amount_total"]}
            self._tell("confirmed", "checkout.session.async_payment_succeeded", session)
        else:
            intent |= {"status": "requires_payment_method", "last_payment_error": {"code": "debit_not_authorized"}}
            self._tell("failed", "checkout.session.async_payment_failed", session)

    def refund_at_dashboard(self, payment: str, amount: int) -> None:
        self._made_refund(self._intent(self.session_of(payment)), amount, {})

    def dispute(self, payment: str, what: str, *, status: str = "needs_response") -> None:
        intent = self._intent(self.session_of(payment))
        told = {"id": f"du_{payment}", "object": "dispute", "status": status, "reason": "fraudulent"}
        told |= {"amount": intent["amount"], "currency": intent["currency"], "payment_intent": intent["id"]}
        self._tell("dispute", f"charge.dispute.{what}", told)

    async def dispute_it(self, payment: str, state: str) -> None:
        what, status = {"open": ("created", "needs_response")}.get(state, ("closed", state))
        self.dispute(payment, what, status=status)

    async def forget(self, payment: str) -> None:
        session = self.session_of(payment)
        self._intent(session).update(status="canceled", amount_received=0)
        session.update(status="expired", payment_status="unpaid")

    async def books(self, payment: str) -> tuple[int, int]:
        found = [each for each in self.sessions.values() if each["client_reference_id"] == payment]
        if not found or not found[0]["payment_intent"]:
            return 0, 0
        intent = self.intents[found[0]["payment_intent"]]
        sent = sum(each["amount"] for each in self._refunds_of(intent) if each["status"] != "failed")
        return intent["amount_received"], sent

    async def event(
        self, kind: str, payment: str, *, amount: int | None = None, currency: str = "EUR", refund: str = ""
    ) -> Call:
        if kind in ("refunded", "refund_failed"):
            made = next(each for each in self.refunds.values() if each["metadata"].get("refund") == refund)
            made["status"] = "succeeded" if kind == "refunded" else "failed"
            return self._event(kind, "refund.updated" if kind == "refunded" else "refund.failed", made)
        known = [each for each in self.sessions.values() if each["client_reference_id"] == payment]
        session = self._shown(known[0]) if known else {"id": "cs_test_of_nobody", "amount_total": 1}
        money = amount if amount is not None else session["amount_total"]
        session |= {"metadata": {"payment": payment}, "currency": currency.lower(), "amount_total": money}
        session["payment_status"] = "paid" if kind == "confirmed" else "unpaid"
        session["status"] = {"closed": "expired", "confirmed": "complete", "pending": "complete"}.get(kind, "open")
        if kind == "failed":
            id = self._intent(known[0])["id"]
            intent = {"id": id, "status": "requires_payment_method", "currency": currency.lower()}
            told = {**intent, "metadata": {"payment": payment}, "last_payment_error": DECLINED}
            return self._event(kind, "payment_intent.payment_failed", told)
        names = {"closed": "checkout.session.expired", "unknown": "something.new"}
        return self._event(kind, names.get(kind, "checkout.session.completed"), session)

    def signed(self, body: bytes, *, age: int = 0, by: str = "new") -> Mapping[str, str]:
        at = int(time.time()) - age
        mac = hmac.new(SECRETS[by].encode(), f"{at}.".encode() + body, sha256).hexdigest()
        return {"Stripe-Signature": f"t={at},v1={mac}"}

    def _tell(self, kind: str, event: str, what: Object) -> None:
        self.outbox.append(self._event(kind, event, what))

    def _event(self, kind: str, event: str, what: Object) -> Call:
        shown = {name: value for name, value in what.items() if not name.startswith("_")}
        told = {"id": f"evt_{uuid4().hex}", "object": "event", "api_version": VERSION, "type": event}
        body = msgspec.json.encode({**told, "created": int(time.time()), "livemode": False, "data": {"object": shown}})
        return Call(kind, self.signed(body), body)


def _found(objects: Mapping[str, Object], id: str) -> Object:
    if id not in objects:
        raise Refused(f"No such object: {id}", status=404, code="resource_missing")
    return objects[id]


def _listed(objects: Sequence[Object], form: Object) -> Object:
    """The newest first, a page of them."""
    window, limit = form.get("created", {}), int(form["limit"])
    first, last = int(window.get("gte", 0)), int(window.get("lt", 2**40))
    found = [each for each in reversed(objects) if first <= each["created"] < last]
    if after := form.get("starting_after"):
        found = found[[each["id"] for each in found].index(after) + 1 :]
    return {"object": "list", "url": "/v1", "has_more": len(found) > limit, "data": found[:limit]}


def _charge(intent: Object) -> Object:
    charge = {"id": intent["id"].replace("pi_", "ch_"), "object": "charge", "status": "succeeded", "captured": True}
    charge |= {"amount": intent["amount"], "amount_captured": intent["amount_received"], "payment_intent": intent["id"]}
    return charge | {name: intent[name] for name in ("created", "currency", "metadata")}


def _json(status: int, body: Object) -> Said:
    return Said(status, msgspec.json.encode(body), {"Content-Type": "application/json", "Request-Id": "req_1"})


def _html(session: Object) -> bytes:
    pay = f"{PAGES}{session['id']}/pay"
    return f"""<!doctype html><html lang="en"><title>Pay</title><h1>Pay {session["amount_total"]}</h1>
<form method="post" action="{pay}"><button>Pay</button></form><a href="{session["cancel_url"]}">Back</a>""".encode()
