"""What is wrong with payments is told with its reason, and goes away once somebody has seen to it."""

import time
from uuid import UUID, uuid4

import msgspec
import pytest

from apps.core.db.database import Database
from apps.payments.apply_reports import apply_report
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from apps.payments.models import PaymentState
from apps.payments.providers import Report
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import details, tickets
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.kernel.books import mistakes

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
REPORTS = "Provider reports that could not be processed"


async def failed_order(customer: Customer, db: Database) -> dict:
    order = await customer.order_at_once(await tickets(db))
    await customer.at_provider(await customer.start_payment(order), "fail")
    await customer.jobs()
    return order


async def report(customer: Customer, body: bytes) -> None:
    headers = {HEADER: signature(body, at=int(time.time()))}
    answer = await customer.client.post("/api/v1/payments/demo/webhook", content=body, headers=headers)
    assert answer.status_code == 200
    await customer.jobs()


async def first(clerk: Clerk, identity: str) -> Page:
    """The details of what stands first in the list."""
    return await clerk.visit(next(place for _text, place in clerk.page.places if f"/{identity}/details/" in place))


async def actions(db: Database) -> list[str]:
    rows = await sql(
        db, "SELECT action FROM audit_entry WHERE actor LIKE 'user:%' AND action LIKE 'payments.%' ORDER BY id"
    )
    return [row.action for row in rows]


class TestPaymentsThatFailed:
    async def test_the_reason_is_told_everywhere(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await failed_order(customer, db)
        await manager.visit("/admin/")
        await manager.follow("1 Failed payments")
        for page in (
            manager.page,
            await first(manager, "payment"),
            await details(manager, db, order),
        ):
            assert "The bank declined the card." in page.text
        assert "A payment failed. The bank declined the card." in manager.page.text

    async def test_they_are_dismissed_until_they_fail_again(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        await failed_order(customer, db)
        await manager.visit("/admin/")
        await manager.follow("1 Failed payments")
        await first(manager, "payment")
        await manager.follow("Dismiss")
        page = await manager.press("Dismiss")
        assert "No longer needs attention." in page.text
        assert "Dismiss" not in page.links
        assert "Failed The bank declined the card." in page.text
        assert "Failed payments" not in (await manager.visit("/admin/")).text
        assert await actions(db) == ["payments.dismiss"]
        ((id,),) = await sql(db, "SELECT id FROM payment")
        await report(customer, msgspec.json.encode(EventBody("evt_p", "payment.pending", id, 3000, "EUR")))
        await report(customer, msgspec.json.encode(EventBody("evt_f", "payment.failed", id, 3000, "EUR")))
        page = await manager.visit("/admin/")
        assert "1 Failed payments" in page.links
        await manager.follow("1 Failed payments")
        assert "The provider gave no reason." in manager.page.text

    async def test_many_at_once(self, manager: Clerk, customer: Customer, db: Database) -> None:
        for _ in range(3):
            await failed_order(customer, db)
        pks = "&".join(f"pks={row.id}" for row in await sql(db, "SELECT id FROM payment"))
        await manager.visit(f"/admin/payment/do/dismiss?{pks}")
        await manager.press("Dismiss")
        assert await sql(db, "SELECT count(*) FROM payment WHERE dismissed_at IS NULL") == [(0,)]

    async def test_who_only_looks_dismisses_nothing(self, clerk: SignIn, customer: Customer, db: Database) -> None:
        await failed_order(customer, db)
        moderator = await clerk("moderator")
        await moderator.visit("/admin/payment/list?attention=failed")
        ((id,),) = await sql(db, "SELECT id FROM payment")
        await moderator.visit(f"/admin/payment/do/dismiss?pks={id}", status=403)
        await moderator.visit(f"/admin/payment/do/settle?pks={id}", status=403)


class TestMoney:
    async def test_that_no_order_took_is_told_of_and_settled_again(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await customer.order_at_once(await tickets(db))
        payment = UUID((await customer.start_payment(order))["payment"])
        async with db.begin() as session:
            await apply_report(session, Report(payment, PaymentState.confirmed, order["total"], "EUR"))
        await sql(db, "DELETE FROM pgqueuer")
        await sql(db, "UPDATE payment SET confirmed_at = now() - interval '20 minutes'")
        await manager.visit("/admin/")
        await manager.follow("1 Payments received, orders not settled")
        await first(manager, "payment")
        await manager.follow("Settle again")
        assert "The payment is being settled." in (await manager.press("Settle again")).text
        await customer.jobs()
        assert (await customer.order(order))["state"] == "paid"
        assert "not settled" not in (await manager.visit("/admin/")).text
        assert await actions(db) == ["payments.settle_again"]
        assert await mistakes(db, done=True) == []

    async def test_of_another_currency_is_a_task(self, manager: Clerk, customer: Customer, db: Database) -> None:
        order = await customer.order_at_once(await tickets(db))
        payment = (await customer.start_payment(order))["payment"]
        await report(customer, msgspec.json.encode(EventBody("evt", "payment.confirmed", payment, 3000, "USD")))
        await manager.visit("/admin/")
        await manager.follow("1 Payments with a different amount at the provider")
        page = await first(manager, "payment")
        assert "$30.00" in page.text
        assert "Wrong currency." in page.text
        assert "The provider reports $30.00" in (await details(manager, db, order)).text

    async def test_other_money_is_dismissed_until_more_is_reported(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        payment = (await customer.start_payment(await customer.order_at_once(await tickets(db))))["payment"]
        task = "1 Payments with a different amount at the provider"
        for event, amount, waits in (("evt_1", 3000, True), ("evt_2", 3000, False), ("evt_3", 3100, True)):
            await report(customer, msgspec.json.encode(EventBody(event, "payment.confirmed", payment, amount, "USD")))
            assert (task in (await manager.visit("/admin/")).links) == waits, event
            if waits:
                await manager.visit(f"/admin/payment/do/dismiss?pks={payment}")
                await manager.press("Dismiss")
        assert await sql(db, "SELECT 1 FROM webhook_event WHERE handled_at IS NULL") == []

    async def test_that_was_paid_and_not_delivered_is_told_of(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await customer.pay(await customer.order_at_once(await tickets(db)))
        await sql(db, "UPDATE orders SET delivered_at = NULL, paid_at = now() - interval '20 minutes'")
        await manager.visit("/admin/")
        page = await manager.follow("1 Paid orders not delivered")
        assert order["number"] in page.links


class TestReports:
    async def test_what_cannot_be_read_is_shown_and_dismissed(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        await report(customer, b"<script>not json</script>")
        await manager.visit("/admin/")
        page = await manager.follow(f"1 {REPORTS}")
        assert "Cannot be read." in page.text
        page = await first(manager, "webhook-event")
        assert "<script>not json</script>" in page.text
        assert "<script>not json" not in page.answer.text
        await manager.follow("Dismiss")
        assert "Dismissed." in (await manager.press("Dismiss")).text
        assert REPORTS not in (await manager.visit("/admin/")).text
        assert await actions(db) == ["payments.dismiss_report"]
        assert "Dismissed" in (await manager.visit("/admin/webhook-event/list")).text

    async def test_what_is_known_by_now_is_understood_when_tried_again(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        order = await customer.order_at_once(await tickets(db))
        early = uuid4()
        await report(customer, msgspec.json.encode(EventBody("evt", "payment.confirmed", early, 3000, "EUR")))
        await customer.start_payment(order)
        await sql(db, "UPDATE payment SET id = :id", id=early)
        ((event,),) = await sql(db, "SELECT id FROM webhook_event")
        await manager.visit(f"/admin/webhook-event/do/retry?pks={event}")
        await manager.press("Try again")
        await customer.jobs()
        assert (await customer.order(order))["state"] == "paid"
        assert await sql(db, "SELECT problem, handled_at IS NULL FROM webhook_event") == [(None, False)]
        assert await actions(db) == ["payments.retry_report"]

    async def test_what_still_cannot_be_read_comes_back(self, manager: Clerk, customer: Customer, db: Database) -> None:
        await report(customer, b"[]")
        ((event,),) = await sql(db, "SELECT id FROM webhook_event")
        await manager.visit(f"/admin/webhook-event/do/retry?pks={event}")
        await manager.press("Try again")
        await customer.jobs()
        assert await sql(db, "SELECT problem, handled_at FROM webhook_event") == [("unreadable", None)]

    async def test_who_may_not_see_them(self, clerk: SignIn, customer: Customer) -> None:
        await report(customer, b"[]")
        moderator = await clerk("moderator")
        await moderator.visit("/admin/webhook-event/list", status=404)
        assert REPORTS not in (await moderator.visit("/admin/")).text
