"""A customer who talks to the shop over HTTP, step by step, and what a test may look up behind the shop's back."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from apps.core.db.database import Database
from apps.core.jobs import JOBS, drain
from apps.payments.models import RefundState
from apps.payments.providers import RefundReport
from apps.payments.refunds import apply_refund_report
from project.settings import settings

MAILS = Path(settings.mail_url.removeprefix("file:"))


class Customer:
    """What a fan's browser or app does. Every step checks its status and returns the JSON it was answered."""

    def __init__(self, client: httpx.AsyncClient, db: Database, *, email: str = "fan@example.org") -> None:
        self.client = client
        self.db = db
        self.email = email
        self.token: str | None = None

    async def add(self, offer: object, quantity: int = 1, *, status: int = 201, **extra: object) -> dict:
        body = {"offer": str(offer), "quantity": quantity, **extra}
        answer = await self._ask("POST", "/api/v1/cart/lines", status, json=body, headers=self._cart())
        self.token = answer.get("token", self.token)
        return answer

    async def change(self, line: str, quantity: int, *, status: int = 200) -> dict:
        path = f"/api/v1/cart/lines/{line}"
        return await self._ask("PATCH", path, status, json={"quantity": quantity}, headers=self._cart())

    async def remove(self, line: str, *, status: int = 200) -> dict:
        return await self._ask("DELETE", f"/api/v1/cart/lines/{line}", status, headers=self._cart())

    async def cart(self, *, status: int = 200) -> dict:
        return await self._ask("GET", "/api/v1/cart", status, headers=self._cart())

    async def check_out(self, *, status: int = 201, key: str | None = None, **extra: object) -> dict:
        body = {"email": self.email, "delivery": "pickup", **extra}
        headers = self._cart() if "lines" not in extra else {}
        return await self._ask("POST", "/api/v1/checkout", status, json=body, headers=headers | _idempotent(key))

    async def order_at_once(self, offer: object, quantity: int = 1, *, status: int = 201, **extra: Any) -> dict:
        """Without a cart: the line goes with the checkout."""
        return await self.check_out(status=status, lines=[{"offer": str(offer), "quantity": quantity}], **extra)

    async def start_payment(
        self, order: dict, *, status: int = 201, key: str | None = None, provider: str = "demo"
    ) -> dict:
        url = f"/api/v1/orders/{order['number']}/payments?key={order['key']}"
        return await self._ask("POST", url, status, json={"provider": provider}, headers=_idempotent(key))

    async def at_provider(self, payment: dict, action: str, *, status: int = 303) -> None:
        """`verb`: "pay" or "fail", the buttons of the provider's page."""
        answer = await self.client.post(f"{payment['pay_url']}/{action}")
        assert answer.status_code == status, answer.text

    async def pay(self, order: dict) -> dict:
        """All the way to the provider and back, until nothing is left to be done."""
        await self.at_provider(await self.start_payment(order), "pay")
        await self.jobs()
        return await self.order(order)

    async def order(self, order: dict, *, status: int = 200) -> dict:
        return await self._ask("GET", f"/api/v1/orders/{order['number']}?key={order['key']}", status)

    async def cancel(self, order: dict, *, status: int = 200) -> dict:
        return await self._ask("POST", f"/api/v1/orders/{order['number']}/cancel?key={order['key']}", status)

    async def jobs(self) -> None:
        """Let the background work that is due be done."""
        await drain(self.db)

    async def by_the_clock(self, *names: str) -> None:
        """Run jobs that the clock would start, and all that follows from them."""
        for name in names:
            await JOBS[name].run(self.db, None)
        await self.jobs()

    async def _ask(self, method: str, url: str, status: int, **request: Any) -> dict:
        answer = await self.client.request(method, url, **request)
        assert answer.status_code == status, answer.text
        return answer.json()

    def _cart(self) -> dict[str, str]:
        return {"Cart-Token": self.token} if self.token else {}


def _idempotent(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def mails_about(order: dict) -> list[EmailMessage]:
    """What was really written to the customer, by subject."""
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in MAILS.glob("*.eml")]
    return sorted((each for each in letters if order["number"] in each["Subject"]), key=lambda each: each["Subject"])


async def sql(db: Database, statement: str, **values: object) -> Sequence[Any]:
    """Rows of one statement, committed: for looking behind the shop's back and for moving time."""
    async with db.transaction() as connection:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else []


async def reserved(db: Database, offer: UUID) -> list[int]:
    """What is taken of each pool the offer draws on; it always is what its holds say."""
    rows = await sql(
        db,
        """SELECT reserved, coalesce((SELECT sum(units) FROM hold WHERE pool_id = pool.id), 0) AS held
           FROM offer_pool JOIN pool ON pool.id = pool_id WHERE offer_id = :offer ORDER BY pool.id""",
        offer=offer,
    )
    assert all(row.reserved == row.held for row in rows)
    return [row.reserved for row in rows]


async def make_overdue(db: Database, order: dict) -> None:
    """The time to pay is over, at the shop and at the provider."""
    await sql(
        db,
        """WITH late AS (UPDATE orders SET pay_until = clock_timestamp() - interval '1 second'
                         WHERE number = :number RETURNING id),
                payments AS (UPDATE payment SET expires_at = clock_timestamp() - interval '1 second'
                             FROM late WHERE owner_id = late.id RETURNING payment.id)
           UPDATE demo_checkout SET expires_at = clock_timestamp() - interval '1 second'
           FROM payments WHERE demo_checkout.id = payments.id""",
        number=order["number"],
    )


async def reopen_at_provider(db: Database, payment: dict) -> None:
    """As with bank transfers: the provider takes money although its page was closed."""
    await sql(
        db,
        "UPDATE demo_checkout SET state = 'open', expires_at = clock_timestamp() + interval '1 hour' WHERE id = :id",
        id=payment["payment"],
    )


async def fail_refund(customer: Customer, *, amount: int) -> None:
    """Of the tickets' refunds that were asked for, the one of this amount comes to nothing; the others arrive."""
    for row in await sql(customer.db, "SELECT payload FROM pgqueuer WHERE entrypoint = 'box_office.refund_tickets'"):
        await JOBS["box_office.refund_tickets"].run(customer.db, row.payload)
    (refund,) = await sql(customer.db, "SELECT id FROM refund WHERE amount = :amount", amount=amount)
    async with customer.db.begin() as session:
        await apply_refund_report(session, RefundReport(refund.id, RefundState.failed, "closed account"))
    await customer.jobs()


async def age_holds(db: Database, minutes: int) -> None:
    """Every cart began, and runs out, that much earlier."""
    for statement in (
        "UPDATE hold SET expires_at = expires_at - make_interval(mins => :minutes)",
        """UPDATE cart SET held_since = held_since - make_interval(mins => :minutes),
                           expires_at = expires_at - make_interval(mins => :minutes)""",
    ):
        await sql(db, statement, minutes=minutes)


async def hurry_jobs(db: Database) -> None:
    """Jobs that wait for another try are due now."""
    await sql(db, "UPDATE pgqueuer SET execute_after = now() - interval '1 second' WHERE status = 'queued'")
