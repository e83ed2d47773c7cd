"""One order on its way to be paid at a stand-in, and how it must end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from tests.journeys.customer import Customer, hurry_jobs, reserved, sql
from tests.kernel.books import mistakes
from tests.parts import tickets_of
from tests.payments.standins.line import down, garbage, half, lost, nonsense, silent, status
from tests.payments.standins.stand_in import Call, StandIn
from tests.staff_api import StaffApi

PRICE = 3000
EXPIRE, CHASE = "checkout.expire_unpaid", "payments.chase"
Started = dict
FAULTS = (down, lost, half, silent, garbage, nonsense, status(500), status(503), status(429))
"""What a line may do of which nothing is learnt."""


@contextmanager
def impatient() -> Iterator[None]:
    """Nobody waits long for a provider that says nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.payments.providers.http.PATIENCE", 0.2)
        yield


@dataclass
class Sale:
    """Tickets of a concert with `places` places."""

    customer: Customer
    stand_in: StandIn
    staff: StaffApi
    offer: UUID
    order: dict

    @property
    def total(self) -> int:
        return self.order["total"]

    async def start(self, *, status: int = 201, at: StandIn | None = None) -> Started:
        name = (at or self.stand_in).name
        return await self.customer.start_payment(self.order, status=status, provider=name)

    async def started_then_paid(self) -> Started:
        started = await self.start()
        assert await self.stand_in.pay(started["pay_url"]) == 303
        await self.customer.jobs()
        return started

    async def started_then_charged(self) -> Started:
        """The provider has the money, and nobody has told of it."""
        started = await self.start()
        assert await self.stand_in.charge(started["pay_url"]) == 303
        await self.customer.jobs()
        return started

    async def nobody_pays_at(self, page: str) -> None:
        """The page is closed; or what the fan agrees to there, and comes back from, is not taken.

        What is paid at one that cannot be closed is late money, which has cases of its own.
        """
        if not self.stand_in.closes_pages:
            return
        assert await self.stand_in.pay(page) == (303 if self.stand_in.is_approved_first else 409)
        if self.stand_in.is_approved_first:
            await self.hear("approved")
            await self.come_back()

    async def paid(self) -> Started:
        started = await self.started_then_paid()
        await self.hear()
        return started

    async def hear(self, *kinds: str, at: StandIn | None = None) -> None:
        """What the provider has to say, or only this kind of it, and all that follows."""
        stand_in = at or self.stand_in
        if not stand_in.outbox:
            await self.customer.jobs()
        while calls := stand_in.take(*kinds):
            for call in calls:
                await self.send(call, at=at)
            await self.customer.jobs()

    async def send(self, call: Call, *, status: int = 200, at: StandIn | None = None) -> httpx.Response:
        url = f"/api/v1/payments/{(at or self.stand_in).name}/webhook"
        headers = {"Content-Type": "application/json", **call.headers}
        answer = await self.customer.client.post(url, content=call.body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    async def tell(self, kind: str, payment: str, **facts: object) -> None:
        """The provider says so, whatever is true, and all that follows."""
        await self.send(await self.stand_in.event(kind, payment, **facts))
        await self.customer.jobs()

    async def come_back(self) -> None:
        """The fan's browser follows the provider's link back to the shop, and sees the order's page."""
        path = f"/orders/{self.order['number']}/return?key={self.order['key']}&session=1"
        back = await self.customer.client.get(path)
        assert back.status_code == 303, back.text
        assert urlsplit(back.headers["location"]).path == f"/orders/{self.order['number']}"

    async def page(self) -> str:
        """What the order's page says."""
        answer = await self.customer.client.get(f"/orders/{self.order['number']}?key={self.order['key']}")
        return answer.text

    async def cancel(self, *, status: int = 200) -> None:
        await self.customer.cancel(self.order, status=status)

    async def overdue(self) -> None:
        """The time to pay is over at the shop; the provider's page would be open for longer."""
        late = "UPDATE orders SET pay_until = clock_timestamp() - interval '1 second' WHERE number = :number"
        await self._sql(late)
        await self.customer.by_the_clock(EXPIRE)

    async def chase(self) -> None:
        """Two minutes later."""
        for table in ("payment", "refund"):
            await sql(self.customer.db, f"UPDATE {table} SET checked_at = checked_at - interval '3 minutes'")
        await self.customer.by_the_clock(CHASE)

    async def jobs_again(self) -> None:
        await hurry_jobs(self.customer.db)
        await self.customer.jobs()

    async def refund(self, amount: int | None = None, *, key: str = "", status: int = 200) -> None:
        """Staff give back all of it, or an amount; without sending the webhooks that follow."""
        body = {"reason": "asked for", **({"amount": amount} if amount else {"whole": True})}
        headers = {"Idempotency-Key": key or f"refund-{self.order['number']}-{amount}"}
        path = f"/orders/{self.order['number']}/refund"
        await self.staff.ask("POST", path, status=status, json=body, headers=headers)
        await self.customer.jobs()

    async def refunds(self) -> list[tuple[str, str]]:
        """Id and state, oldest first."""
        found = """SELECT refund.id, refund.state FROM refund JOIN payment ON payment.id = payment_id
                   JOIN orders ON orders.id = owner_id WHERE number = :number ORDER BY refund.id"""
        return [(str(id), state) for id, state in await self._sql(found)]

    async def payments(self) -> list[str]:
        """The states of the order's payments, oldest first."""
        found = "SELECT payment.state FROM payment JOIN orders ON orders.id = owner_id WHERE number = :number"
        return [row.state for row in await self._sql(f"{found} ORDER BY payment.id")]

    async def ends(self, state: str, *, taken: int = 0, sent: int = 0, tickets: int = 0, **other: int) -> None:
        """The order's state, money taken and sent back by our books and by the provider's, valid tickets, places.

        `theirs`: money that the provider has taken and we do not know of; `held`: places, where others have some.
        """
        order = await self.customer.order(self.order)
        valid = sum(each["state"] == "valid" for each in tickets_of(order))
        found = "SELECT payment.id, captured, payment.refunded FROM payment JOIN orders ON orders.id = owner_id"
        rows = await self._sql(f"{found} WHERE number = :number")
        assert await mistakes(self.customer.db, done=False) == []
        theirs = await asyncio.gather(*(self.stand_in.books(str(row.id)) for row in rows))
        assert (order["state"], valid) == (state, tickets)
        assert (sum(row.captured for row in rows), sum(row.refunded for row in rows)) == (taken, sent)
        assert tuple(map(sum, zip(*theirs, strict=True))) in ((other.get("theirs", taken), sent), ())
        expected = self.order["lines"][0]["quantity"] if state in ("pending", "paid") else 0
        assert await reserved(self.customer.db, self.offer) == [other.get("held", expected)]

    async def _sql(self, statement: str) -> list:
        return list(await sql(self.customer.db, statement, number=self.order["number"]))
