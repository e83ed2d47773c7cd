"""Asking PayPal: a token for all calls, JSON, and errors told as of every provider.

https://developer.paypal.com/api/rest/authentication/
"""

import asyncio
import time
from base64 import b64encode
from typing import Any, TypeVar

import httpx
import msgspec

from apps.payments.paypal.settings import PayPalSettings
from apps.payments.providers import ProviderDown, ProviderRefused, WebhookCall
from apps.payments.providers.http import LATER, Answer, ProviderHttp

Kind = TypeVar("Kind")
EARLY = 60
"""Seconds before its end that a token is renewed."""


SIGNATURE = ("auth-algo", "cert-url", "transmission-id", "transmission-sig", "transmission-time")
"""Headers of a webhook, after "paypal-"."""


class Verification(msgspec.Struct):
    verification_status: str


class Token(msgspec.Struct):
    access_token: str
    expires_in: int


class Detail(msgspec.Struct):
    issue: str = ""


class Problem(msgspec.Struct):
    name: str = ""
    details: list[Detail] = []


class Refusal(ProviderRefused):
    """PayPal's no. `issues`: its names for why."""

    def __init__(self, answer: Answer) -> None:
        try:
            problem = msgspec.json.decode(answer.body, type=Problem)
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = Problem()
        self.issues = frozenset((problem.name, *(each.issue for each in problem.details)))
        super().__init__(reason=f"status {answer.status}: {' '.join(sorted(filter(None, self.issues)))}")


class PayPalClient:
    """The token is fetched by one caller while others wait for it, and kept until shortly before its end."""

    def __init__(self, config: PayPalSettings, http: ProviderHttp) -> None:
        self._basic = b64encode(f"{config.client_id}:{config.client_secret}".encode()).decode()
        self._http = http
        self._token, self._good_until = "", 0.0
        self._lock = asyncio.Lock()

    async def call(self, method: str, path: str, kind: type[Kind], *, body: Any = None, request_id: str = "") -> Kind:
        """Raises ProviderDown, Refusal. PayPal does the same `request_id` once, and answers how it stands."""
        headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
        if request_id:
            headers["PayPal-Request-Id"] = request_id
        content = b"" if body is None else msgspec.json.encode(body)
        for _ in range(2):
            token = await self._current_token()
            headers["Authorization"] = f"Bearer {token}"
            answer = await self._http.send(method, path, headers=headers, content=content)
            if answer.status != httpx.codes.UNAUTHORIZED:
                break
            self._forget(token)
        return _read(answer, kind)

    async def has_sent(self, call: WebhookCall, webhook_id: str) -> bool:
        """PayPal is asked whether a webhook is its own. What is signed is the body as it came, so that is sent.

        It must be one JSON object, or it could speak for the question that it is put into. Raises ProviderDown.
        """
        body: dict[str, Any] = {name.replace("-", "_"): call.headers.get(f"paypal-{name}") for name in SIGNATURE}
        try:
            msgspec.json.decode(call.body, type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if not all(body.values()):
            return False
        body |= {"webhook_id": webhook_id, "webhook_event": msgspec.Raw(call.body)}
        try:
            told = await self.call("POST", "/v1/notifications/verify-webhook-signature", Verification, body=body)
        except Refusal:
            return False
        return told.verification_status == "SUCCESS"

    async def fetch_token(self) -> None:
        """A new one, so that it is known whether client id and secret are right. Raises ProviderDown, Refusal."""
        async with self._lock:
            await self._renew()

    async def _current_token(self) -> str:
        async with self._lock:
            if time.monotonic() >= self._good_until:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        token = await self._new_token()
        self._token, self._good_until = token.access_token, asked_at + token.expires_in - EARLY

    async def _new_token(self) -> Token:
        headers = {"Authorization": f"Basic {self._basic}", "Content-Type": "application/x-www-form-urlencoded"}
        content = b"grant_type=client_credentials"
        return _read(await self._http.send("POST", "/v1/oauth2/token", headers=headers, content=content), Token)

    def _forget(self, token: str) -> None:
        """Unless somebody has renewed it meanwhile."""
        if token == self._token:
            self._good_until = 0.0


def _read(answer: Answer, kind: type[Kind]) -> Kind:
    """A client id or secret that is not right may be mended: the same is asked again."""
    if (
        answer.status in LATER
        or answer.status == httpx.codes.UNAUTHORIZED
        or httpx.codes.is_server_error(answer.status)
    ):
        raise ProviderDown(reason=f"status {answer.status}")
    if not httpx.codes.is_success(answer.status):
        raise Refusal(answer)
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProviderDown(reason=type(error).__name__) from error
