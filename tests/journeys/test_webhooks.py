"""What the provider reports comes twice, late, out of order, or from somebody else."""

import asyncio
import time
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from apps.core.db import Database
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from tests.factories import make_tickets
from tests.journeys.buyer import Buyer, mails_about, make_overdue, sql, taken

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10)).id


def event(payment: dict, kind: str, *, amount: int = 6000, currency: str = "EUR", id: str = "") -> EventBody:
    return EventBody(id or f"evt_{uuid4().hex}", f"payment.{kind}", UUID(payment["payment"]), amount, currency)


async def post(buyer: Buyer, event: EventBody, *, signed: str | None = None) -> httpx.Response:
    """`signed`: the signature header, the right one when not given."""
    body = msgspec.json.encode(event)
    headers = {HEADER: signature(body, at=int(time.time())) if signed is None else signed}
    return await buyer.client.post("/api/v1/payments/demo/webhook", content=body, headers=headers)


async def test_the_same_webhook_ten_times_at_once_pays_once(buyer: Buyer, db: Database, ticket: object) -> None:
    order = await buyer.order_at_once(ticket, 2)
    confirmed = event(await buyer.start_payment(order), "confirmed")
    answers = await asyncio.gather(*(post(buyer, confirmed) for _ in range(10)))
    assert {each.status_code for each in answers} == {200}
    await buyer.jobs()
    paid = await buyer.order(order)
    assert (paid["state"], len(paid["tickets"])) == ("paid", 2)
    assert len(await sql(db, "SELECT * FROM webhook_event")) == 1
    assert len(mails_about(order)) == 1
    assert await taken(db, ticket) == [2]


async def test_ten_events_that_say_the_same_pay_once(buyer: Buyer, db: Database, ticket: object) -> None:
    order = await buyer.order_at_once(ticket, 2)
    payment = await buyer.start_payment(order)
    await asyncio.gather(*(post(buyer, event(payment, "confirmed")) for _ in range(10)))
    await asyncio.gather(*(buyer.jobs() for _ in range(3)))
    assert len((await buyer.order(order))["tickets"]) == 2
    assert len(await sql(db, "SELECT * FROM webhook_event WHERE handled_at IS NOT NULL")) == 10
    assert len(await sql(db, "SELECT * FROM audit_entry WHERE action = 'orders.paid'")) == 1
    assert len(mails_about(order)) == 1


@pytest.mark.parametrize(
    "kinds",
    [
        ("confirmed", "pending"),
        ("confirmed", "failed", "pending"),
        ("failed", "confirmed", "failed"),
        ("closed", "confirmed"),
        ("confirmed", "closed"),
        ("failed", "closed", "pending", "confirmed"),
    ],
)
async def test_the_order_of_events_does_not_matter(
    buyer: Buyer, db: Database, ticket: object, kinds: tuple[str, ...]
) -> None:
    order = await buyer.order_at_once(ticket, 2)
    payment = await buyer.start_payment(order)
    for kind in kinds:
        assert (await post(buyer, event(payment, kind))).status_code == 200
        await buyer.jobs()
    paid = await buyer.order(order)
    assert (paid["state"], paid["payment"], len(paid["tickets"])) == ("paid", "confirmed", 2)
    assert await sql(db, "SELECT * FROM refund") == []


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "v1=00", "t=١٢,v1=00", "t=99999999999999,v1=", "nonsense"])
async def test_a_forged_webhook_is_refused(buyer: Buyer, db: Database, ticket: object, header: str) -> None:
    order = await buyer.order_at_once(ticket, 2)
    confirmed = event(await buyer.start_payment(order), "confirmed")
    answer = await post(buyer, confirmed, signed=header.encode())
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:backline:problem:bad-signature")
    assert await sql(db, "SELECT * FROM webhook_event") == []


async def test_a_signature_of_another_body_is_refused(buyer: Buyer, ticket: object) -> None:
    order = await buyer.order_at_once(ticket, 2)
    payment = await buyer.start_payment(order)
    other = msgspec.json.encode(event(payment, "confirmed", amount=1))
    stolen = signature(other, at=int(time.time()))
    assert (await post(buyer, event(payment, "confirmed"), signed=stolen)).status_code == 401


async def test_an_old_webhook_is_refused(buyer: Buyer, ticket: object) -> None:
    order = await buyer.order_at_once(ticket, 2)
    confirmed = event(await buyer.start_payment(order), "confirmed")
    old = signature(msgspec.json.encode(confirmed), at=int(time.time()) - 3600)
    assert (await post(buyer, confirmed, signed=old)).status_code == 401


async def test_nobody_reports_for_a_provider_that_is_not_offered(buyer: Buyer) -> None:
    answer = await buyer.client.post("/api/v1/payments/nobody/webhook", content=b"{}")
    assert answer.status_code == 422


@pytest.mark.parametrize("amount", [1, 5999, 6001])
async def test_a_wrong_amount_goes_back_and_the_order_can_still_be_paid(
    buyer: Buyer, db: Database, ticket: object, amount: int
) -> None:
    order = await buyer.order_at_once(ticket, 2)
    payment = await buyer.start_payment(order)
    await sql(db, "UPDATE demo_checkout SET state = 'paid', amount = :amount", amount=amount)
    await post(buyer, event(payment, "confirmed", amount=amount))
    await buyer.jobs()
    assert (await buyer.order(order))["state"] == "pending"
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(amount, amount)]
    assert await sql(db, "SELECT refunded FROM demo_checkout") == [(amount,)]
    assert (await buyer.pay(order))["state"] == "paid"


async def test_an_order_paid_with_a_wrong_amount_still_expires(buyer: Buyer, db: Database, ticket: object) -> None:
    order = await buyer.order_at_once(ticket, 2)
    payment = await buyer.start_payment(order)
    await sql(db, "UPDATE demo_checkout SET state = 'paid', amount = 1")
    await post(buyer, event(payment, "confirmed", amount=1))
    await buyer.jobs()
    await make_overdue(db, order)
    await buyer.by_the_clock("checkout.expire_unpaid")
    assert (await buyer.order(order))["state"] == "expired"
    assert await taken(db, ticket) == [0]


async def test_a_wrong_currency_pays_nothing_and_the_order_can_still_be_paid(
    buyer: Buyer, db: Database, ticket: object
) -> None:
    order = await buyer.order_at_once(ticket, 2)
    payment = await buyer.start_payment(order)
    await post(buyer, event(payment, "confirmed", currency="USD"))
    await buyer.jobs()
    unpaid = await buyer.order(order)
    assert (unpaid["state"], unpaid["payment"], unpaid["tickets"]) == ("pending", "cancelled", [])
    assert await sql(db, "SELECT captured FROM payment") == [(0,)]
    assert (await buyer.pay(order))["state"] == "paid"
