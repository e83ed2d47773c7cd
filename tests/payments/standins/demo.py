"""The demo provider is its own stand-in: only the line to it and its webhooks are ours."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.payments.demo import webhooks
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from apps.payments.providers import provider_named
from apps.payments.providers.http import ProviderHttp
from project.settings import settings
from tests.conftest import free_port
from tests.journeys.customer import sql
from tests.payments.standins.line import Asked, Line, Said
from tests.payments.standins.stand_in import Call, StandIn

OUTBOX = "/outbox"
KINDS = {
    "payment.pending": "pending",
    "payment.confirmed": "confirmed",
    "payment.failed": "failed",
    "payment.closed": "closed",
    "dispute.open": "dispute",
    "dispute.won": "dispute",
    "dispute.lost": "dispute",
    "refund.done": "refunded",
    "refund.failed": "refund_failed",
    "something.new": "unknown",
}
NAMES = {kind: name for name, kind in KINDS.items()}


class DemoStandIn(StandIn):
    name = "demo"

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.line = Line(self._forward, is_page=lambda path: path == OUTBOX)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["DemoStandIn"]:
        provider, told = provider_named("demo"), webhooks.WEBHOOK
        before = provider._http
        async with (
            self.line.listening(free_port()),
            httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as self._app,
            httpx.AsyncClient(trust_env=False) as self.pages,
        ):
            provider._http, webhooks.WEBHOOK = ProviderHttp(self.line.url), self.line.url + OUTBOX
            yield self
            await provider.disconnect()
            provider._http, webhooks.WEBHOOK = before, told

    async def _forward(self, asked: Asked) -> Said:
        if asked.path == OUTBOX:
            kind = KINDS[msgspec.json.decode(asked.body, type=EventBody).kind]
            self.outbox.append(Call(kind, {HEADER: asked.headers[HEADER.lower()]}, asked.body))
            return Said(200, b"{}")
        kept = {name: value for name, value in asked.headers.items() if name in ("authorization", "content-type")}
        path = f"{asked.path}?{asked.query}" if asked.query else asked.path
        answer = await self._app.request(asked.method, path, content=asked.body, headers=kept)
        return Said(answer.status_code, answer.content, {"Content-Type": "application/json"})

    def page_of(self, payment: str) -> str:
        return f"{settings.base_url}/demo/pay/{payment}"

    async def reopen(self, payment: str) -> None:
        await self._change(payment, "state = 'open', expires_at = clock_timestamp() + interval '1 hour'")

    async def expire(self, payment: str) -> None:
        await self._change(payment, "state = 'closed', expires_at = clock_timestamp() - interval '1 second'")
        self.outbox.append(await self.event("closed", payment))

    async def _change(self, payment: str, values: str) -> None:
        await sql(self.db, f"UPDATE demo_checkout SET {values} WHERE id = :id", id=UUID(payment))

    async def dispute_it(self, payment: str, state: str) -> None:
        await self.press(self.page_of(payment), f"dispute/{state}")

    async def forget(self, payment: str) -> None:
        await self._change(payment, "state = 'closed'")

    async def books(self, payment: str) -> tuple[int, int]:
        found = "SELECT CASE WHEN state = 'paid' THEN amount ELSE 0 END, refunded FROM demo_checkout WHERE id = :id"
        rows = await sql(self.db, found, id=UUID(payment))
        return tuple(rows[0]) if rows else (0, 0)

    async def event(
        self, kind: str, payment: str, *, amount: int | None = None, currency: str = "EUR", refund: str = ""
    ) -> Call:
        rows = await sql(self.db, "SELECT amount FROM demo_checkout WHERE id = :id", id=UUID(payment))
        money = amount if amount is not None else rows[0].amount if rows else 1
        body = msgspec.json.encode(
            EventBody(f"evt_{uuid7().hex}", NAMES[kind], UUID(refund or payment), money, currency)
        )
        return Call(kind, self.signed(body), body)

    def signed(self, body: bytes, *, age: int = 0, by: str = "new") -> Mapping[str, str]:
        header = signature(body, at=int(time.time()) - age)
        if by == "other":
            header = header[:-4] + ("0000" if not header.endswith("0000") else "1111")
        if by == "old":  # while its secret is changed there is a signature by each
            time_part, mac = header.split(",")
            header = f"{time_part},v1={'0' * 64},{mac}"
        return {HEADER: header}
