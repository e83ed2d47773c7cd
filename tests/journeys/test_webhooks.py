"""What the provider reports comes twice, late, out of order, or from somebody else."""

import asyncio
import time
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from apps.core.db.database import Database
from apps.core.http.rate_limits.counts import DatabaseCounts
from apps.core.jobs import JOBS
from apps.payments.apply_reports import apply_report
from apps.payments.controllers import BAD_WEBHOOKS, LARGEST_WEBHOOK
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from apps.payments.models import PaymentState
from apps.payments.providers import Report
from tests.factories import make_tickets
from tests.journeys.conftest import one_app
from tests.journeys.customer import Customer, mails_about, make_overdue, reserved, sql
from tests.kernel.books import mistakes
from tests.parts import tickets_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 10)).id


def event(payment: dict, kind: str, *, amount: int = 6000, currency: str = "EUR", id: str = "") -> EventBody:
    return EventBody(id or f"evt_{uuid4().hex}", f"payment.{kind}", UUID(payment["payment"]), amount, currency)


async def post(customer: Customer, event: EventBody | bytes, *, signed: str | None = None) -> httpx.Response:
    """`signed`: the signature header, the right one when not given."""
    body = event if isinstance(event, bytes) else msgspec.json.encode(event)
    headers = {HEADER: signature(body, at=int(time.time())) if signed is None else signed}
    return await customer.client.post("/api/v1/payments/demo/webhook", content=body, headers=headers)


async def test_the_same_webhook_ten_times_at_once_pays_once(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket, 2)
    confirmed = event(await customer.start_payment(order), "confirmed")
    answers = await asyncio.gather(*(post(customer, confirmed) for _ in range(10)))
    assert {each.status_code for each in answers} == {200}
    await customer.jobs()
    paid = await customer.order(order)
    assert (paid["state"], len(tickets_of(paid))) == ("paid", 2)
    assert len(await sql(db, "SELECT * FROM webhook_event")) == 1
    assert len(mails_about(order)) == 1
    assert await reserved(db, ticket) == [2]


async def test_ten_events_that_say_the_same_pay_once(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    await asyncio.gather(*(post(customer, event(payment, "confirmed")) for _ in range(10)))
    await asyncio.gather(*(customer.jobs() for _ in range(3)))
    assert len(tickets_of(await customer.order(order))) == 2
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
    customer: Customer, db: Database, ticket: object, kinds: tuple[str, ...]
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    for kind in kinds:
        assert (await post(customer, event(payment, kind))).status_code == 200
        await customer.jobs()
    paid = await customer.order(order)
    assert (paid["state"], paid["payment"], len(tickets_of(paid))) == ("paid", "confirmed", 2)
    assert await sql(db, "SELECT id FROM refund UNION SELECT id FROM payment_discrepancy") == []


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "v1=00", "t=١٢,v1=00", "t=99999999999999,v1=", "nonsense"])
async def test_a_forged_webhook_is_refused(customer: Customer, db: Database, ticket: object, header: str) -> None:
    order = await customer.order_at_once(ticket, 2)
    confirmed = event(await customer.start_payment(order), "confirmed")
    answer = await post(customer, confirmed, signed=header.encode())
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:backline:problem:bad-signature")
    assert await sql(db, "SELECT * FROM webhook_event") == []


async def test_a_signature_of_another_body_is_refused(customer: Customer, ticket: object) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    other = msgspec.json.encode(event(payment, "confirmed", amount=1))
    stolen = signature(other, at=int(time.time()))
    assert (await post(customer, event(payment, "confirmed"), signed=stolen)).status_code == 401


async def test_an_old_webhook_is_refused(customer: Customer, ticket: object) -> None:
    order = await customer.order_at_once(ticket, 2)
    confirmed = event(await customer.start_payment(order), "confirmed")
    old = signature(msgspec.json.encode(confirmed), at=int(time.time()) - 3600)
    assert (await post(customer, confirmed, signed=old)).status_code == 401


async def test_nobody_reports_for_a_provider_that_is_not_offered(customer: Customer) -> None:
    answer = await customer.client.post("/api/v1/payments/nobody/webhook", content=b"{}")
    assert answer.status_code == 422


@pytest.mark.parametrize("amount", [1, 5999, 6001])
async def test_a_wrong_amount_goes_back_and_the_order_can_still_be_paid(
    customer: Customer, db: Database, ticket: object, amount: int
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    await sql(db, "UPDATE demo_checkout SET state = 'paid', amount = :amount", amount=amount)
    await post(customer, event(payment, "confirmed", amount=amount))
    await customer.jobs()
    unpaid = await customer.order(order)
    assert (unpaid["state"], unpaid["payment"]) == ("pending", None)
    page = (await customer.client.get(order["url"])).text
    assert "Pay €60.00" in page
    assert "Your payment has arrived" not in page
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(amount, amount)]
    assert await sql(db, "SELECT refunded FROM demo_checkout") == [(amount,)]
    assert (await customer.pay(order))["state"] == "paid"


async def test_an_order_paid_with_a_wrong_amount_still_expires(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    await sql(db, "UPDATE demo_checkout SET state = 'paid', amount = 1")
    await post(customer, event(payment, "confirmed", amount=1))
    await customer.jobs()
    await make_overdue(db, order)
    await customer.by_the_clock("checkout.expire_unpaid")
    assert (await customer.order(order))["state"] == "expired"
    assert await reserved(db, ticket) == [0]


async def test_a_wrong_currency_pays_nothing_and_the_order_can_still_be_paid(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    for _ in range(2):
        await post(customer, event(payment, "confirmed", currency="USD"))
        await customer.jobs()
    unpaid = await customer.order(order)
    assert (unpaid["state"], unpaid["payment"], tickets_of(unpaid)) == ("pending", "cancelled", [])
    assert await sql(db, "SELECT captured FROM payment") == [(0,)]
    assert await sql(db, "SELECT amount, currency FROM payment_discrepancy") == [(6000, "USD")]
    assert (await customer.pay(order))["state"] == "paid"
    assert await mistakes(db, done=True) == []


async def test_once_an_order_is_paid_no_other_page_is_left_open(
    customer: Customer, db: Database, ticket: object
) -> None:
    """The first payment was given up, and its money came all the same while the customer was at the second."""
    order = await customer.order_at_once(ticket, 2)
    first = await customer.start_payment(order)
    await post(customer, event(first, "confirmed", currency="USD"))
    await customer.jobs()
    second = await customer.start_payment(order)
    await post(customer, event(first, "confirmed"))
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"
    assert await sql(db, "SELECT state FROM payment ORDER BY id") == [("confirmed",), ("cancelled",)]
    await customer.at_provider(second, "pay", status=409)


@pytest.mark.parametrize(("amount", "currency"), [(9000, "EUR"), (1, "EUR"), (6000, "USD")])
async def test_other_money_for_what_is_paid_changes_nothing_and_is_noted_once(
    customer: Customer, db: Database, ticket: object, amount: int, currency: str
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    for _ in range(2):
        await post(customer, event(payment, "confirmed", amount=amount, currency=currency))
        await customer.jobs()
    paid = await customer.order(order)
    assert (paid["state"], paid["refunded"], len(tickets_of(paid))) == ("paid", 0, 2)
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(6000, 0)]
    assert await sql(db, "SELECT amount, currency FROM payment_discrepancy") == [(amount, currency)]
    assert await mistakes(db, done=True) == []


@pytest.mark.parametrize(
    ("amount", "currency"), [(-1, "EUR"), (-(2**63), "EUR"), (0, "EUR"), (2**63, "EUR"), (6000, "eur"), (6000, "")]
)
async def test_money_that_cannot_be_is_parked_at_once(
    customer: Customer, db: Database, ticket: object, amount: int, currency: str
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    assert (await post(customer, event(payment, "confirmed", amount=amount, currency=currency))).status_code == 200
    await customer.jobs()
    assert await sql(db, "SELECT problem, handled_at FROM webhook_event") == [("impossible", None)]
    assert await sql(db, "SELECT state, captured FROM payment") == [("pending", 0)]
    assert await sql(db, "SELECT * FROM pgqueuer") == []
    assert (await customer.pay(order))["state"] == "paid"


MALFORMED = [
    b"",
    b"not json",
    b"[]",
    b"null",
    b'{"id": "x"}',
    b"\xff\xfe",
    b'{"id": "\\u0000", "kind": "payment.failed"}',
    b"[" * 5000,
    msgspec.json.encode(EventBody("e" * 201, "payment.confirmed", uuid4(), 1, "EUR")),
    msgspec.json.encode(EventBody("evt", "k" * 41, uuid4(), 1, "EUR")),
    b'{"id": "x", "kind": "payment.confirmed", "subject": "no id", "amount": 1, "currency": "EUR"}',
    b'{"id": "x", "id": "y"}',
    msgspec.json.encode(EventBody("evt", "payment.failed", uuid4(), 1, "EUR"))[:-5] + b'"%s"}' % (b"x" * 300),
    msgspec.json.encode(EventBody("evt\0", "payment.confirmed", uuid4(), 1, "EUR")),
    msgspec.json.encode(EventBody("evt", "payment.confirmed", uuid4(), 1, "EUR"))[:-1] + b', "amount": 2}',
]


@pytest.mark.parametrize("body", MALFORMED)
async def test_what_is_signed_and_cannot_be_read_is_parked_once(customer: Customer, db: Database, body: bytes) -> None:
    for _ in range(2):
        answer = await post(customer, body)
        assert (answer.status_code, answer.json()) == (200, {"status": "received"})
    await customer.jobs()
    assert await sql(db, "SELECT body, problem, handled_at FROM webhook_event") == [(body, "unreadable", None)]
    assert await sql(db, "SELECT * FROM pgqueuer") == []


async def test_a_body_that_is_too_large_is_refused(customer: Customer, db: Database) -> None:
    assert (await post(customer, b" " * (LARGEST_WEBHOOK + 1))).status_code == 413
    assert await sql(db, "SELECT * FROM webhook_event") == []


async def test_forged_ones_are_bounded_and_genuine_ones_never(
    customer: Customer, db: Database, ticket: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one network: an attacker may share a provider's way to us."""
    monkeypatch.setattr(one_app().state.limits, "_counts", DatabaseCounts(db))
    confirmed = event(await customer.start_payment(await customer.order_at_once(ticket, 2)), "confirmed")
    for _ in range(BAD_WEBHOOKS.most):
        assert (await post(customer, confirmed, signed="t=1,v1=00")).status_code == 401
    for path in ("demo", "nobody"):
        refused = await customer.client.post(f"/api/v1/payments/{path}/webhook", content=b"{}")
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    counted = await sql(db, "SELECT key, hits FROM rate_count WHERE hits > 50")
    for _ in range(20):
        assert (await post(customer, event({"payment": str(uuid4())}, "pending"))).status_code == 200
    assert (await post(customer, confirmed)).status_code == 200
    assert await sql(db, "SELECT key, hits FROM rate_count WHERE hits > 50") == counted


async def test_an_order_whose_settling_is_lost_is_settled_by_the_chase(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    async with db.begin() as session:
        await apply_report(session, Report(UUID(payment["payment"]), PaymentState.confirmed, order["total"], "EUR"))
    await sql(db, "DELETE FROM pgqueuer")
    await customer.by_the_clock("payments.chase")
    assert (await customer.order(order))["state"] == "pending"
    await sql(db, "UPDATE payment SET checked_at = checked_at - interval '3 minutes'")
    await customer.by_the_clock("payments.chase")
    paid = await customer.order(order)
    assert (paid["state"], len(tickets_of(paid))) == ("paid", 2)
    assert await mistakes(db, done=True) == []


async def test_a_payment_that_cannot_be_settled_is_announced_ever_more_rarely(
    customer: Customer, db: Database, ticket: object
) -> None:
    await customer.start_payment(await customer.order_at_once(ticket, 2))
    await sql(
        db,
        """UPDATE payment SET state = 'confirmed', captured = amount, confirmed_at = now() - interval '60 minutes',
                              checked_at = now() - interval '20 minutes'""",
    )
    announced = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'checkout.settle'"
    await JOBS["payments.chase"].run(db, None)
    assert await sql(db, announced) == [(0,)]
    await sql(db, "UPDATE payment SET checked_at = now() - interval '31 minutes'")
    for _ in range(2):
        await JOBS["payments.chase"].run(db, None)
    assert await sql(db, announced) == [(1,)]


async def test_an_order_whose_delivery_is_lost_is_delivered_by_the_chase(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 2)
    await customer.at_provider(await customer.start_payment(order), "pay")
    await customer.jobs()
    await sql(db, "DELETE FROM ticket")
    await sql(
        db,
        """UPDATE orders SET delivered_at = NULL, paid_at = now() - interval '3 minutes';""",
    )
    await sql(db, "UPDATE hold SET state = 'held'")
    await customer.by_the_clock("checkout.chase_undelivered")
    assert len(tickets_of(await customer.order(order))) == 2
    assert await mistakes(db, done=True) == []
