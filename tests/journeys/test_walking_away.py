"""Orders that are not paid in time, are cancelled, or are paid when it is too late."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from apps.checkout.paying.cancel import expire
from apps.checkout.paying.payment_queue import PaymentQueue
from apps.checkout.paying.settle import settle
from apps.core.db.database import Database
from apps.orders.models import Order
from apps.payments.apply_reports import apply_report
from apps.payments.models import PaymentState
from apps.payments.providers import Report
from apps.payments.starting.open_pages import PaymentOver, open_page
from project.settings import settings
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, age_holds, mails_about, make_overdue, reopen_at_provider, reserved, sql
from tests.parts import tickets_of
from tests.payments.preparing import prepare

pytestmark = pytest.mark.anyio
EXPIRE = "checkout.expire_unpaid"


@pytest.fixture
async def ticket(db: Database) -> object:
    async with db.begin() as session:
        return (await make_tickets(session, 2)).id


async def test_who_walks_away_leaves_the_places_to_others(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    await customer.order_at_once(ticket, status=409)
    await make_overdue(db, order)
    await customer.by_the_clock(EXPIRE)
    gone = await customer.order(order)
    assert (gone["state"], gone["payment"]) == ("expired", "cancelled")
    assert await reserved(db, ticket) == [0]
    await customer.at_provider(payment, "pay", status=409)
    await customer.order_at_once(ticket, 2)
    assert mails_about(order) == []


async def test_an_order_that_was_never_taken_to_a_provider_expires_too(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 2)
    await make_overdue(db, order)
    await customer.by_the_clock(EXPIRE, EXPIRE)
    assert (await customer.order(order))["state"] == "expired"
    assert await reserved(db, ticket) == [0]


async def test_an_order_in_time_does_not_expire(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    await customer.by_the_clock(EXPIRE)
    assert (await customer.order(order))["state"] == "pending"
    assert await reserved(db, ticket) == [1]


async def test_an_order_can_be_paid_as_long_as_the_settings_say(
    customer: Customer, db: Database, ticket: object
) -> None:
    await customer.order_at_once(ticket)
    ((span,),) = await sql(db, "SELECT pay_until - created_at FROM orders")
    assert span == timedelta(minutes=settings.pay_minutes)


async def test_an_overdue_order_cannot_be_taken_to_a_provider(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    await make_overdue(db, order)
    refused = await customer.start_payment(order, status=409)
    assert refused["type"].endswith("too-late-to-pay")


async def test_paid_at_the_last_moment_is_paid_though_no_webhook_told(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket)
    await customer.at_provider(await customer.start_payment(order), "pay")
    await sql(db, "DELETE FROM pgqueuer")  # the webhooks are lost
    await make_overdue(db, order)
    await customer.by_the_clock(EXPIRE)
    paid = await customer.order(order)
    assert (paid["state"], len(tickets_of(paid))) == ("paid", 1)


async def test_an_order_in_time_can_still_be_paid_after_a_look_at_it(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket)
    payment = await customer.start_payment(order)
    ((id,),) = await sql(db, "SELECT id FROM orders")
    await expire(db, id)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"


async def test_places_that_were_paid_in_time_are_not_let_go_meanwhile(
    customer: Customer, db: Database, ticket: object
) -> None:
    order = await customer.order_at_once(ticket, 2)
    await customer.at_provider(await customer.start_payment(order), "pay")
    await make_overdue(db, order)
    ((id,),) = await sql(db, "SELECT id FROM orders")
    await expire(db, id)
    paid = await customer.order(order)
    assert (paid["state"], paid["payment"], await reserved(db, ticket)) == ("paid", "confirmed", [2])
    assert len(tickets_of(paid)) == 2


async def test_a_lost_webhook_is_made_up_for_by_asking(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    await customer.at_provider(await customer.start_payment(order), "pay")
    await sql(db, "DELETE FROM pgqueuer")
    await customer.by_the_clock("payments.chase")
    assert (await customer.order(order))["state"] == "pending"
    await sql(db, "UPDATE payment SET checked_at = checked_at - interval '3 minutes'")
    await customer.by_the_clock("payments.chase")
    assert (await customer.order(order))["state"] == "paid"


async def expired_but_payable(customer: Customer, offer: object, quantity: int) -> tuple[dict, dict]:
    order = await customer.order_at_once(offer, quantity)
    payment = await customer.start_payment(order)
    await make_overdue(customer.db, order)
    await customer.by_the_clock(EXPIRE)
    await reopen_at_provider(customer.db, payment)
    return order, payment


async def test_late_money_is_good_while_places_are_left(customer: Customer, db: Database, ticket: object) -> None:
    order, payment = await expired_but_payable(customer, ticket, 2)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    paid = await customer.order(order)
    assert (paid["state"], paid["refunded"], len(tickets_of(paid))) == ("paid", 0, 2)
    assert await reserved(db, ticket) == [2]
    (mail,) = mails_about(order)
    assert "We are refunding" not in mail["Subject"]


async def test_late_money_goes_back_whole_when_the_places_are_gone(
    customer: Customer, db: Database, ticket: object
) -> None:
    order, payment = await expired_but_payable(customer, ticket, 2)
    other = await customer.pay(await customer.order_at_once(ticket))
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    late = await customer.order(order)
    assert (late["state"], tickets_of(late), other["state"]) == ("expired", [], "paid")
    rows = await sql(db, "SELECT captured, refunded FROM payment WHERE id = :id", id=payment["payment"])
    assert rows == [(6000, 6000)]
    assert await sql(db, "SELECT refunded FROM demo_checkout WHERE id = :id", id=payment["payment"]) == [(6000,)]
    (mail,) = mails_about(order)
    assert "We are refunding" in mail["Subject"]
    assert "60.00" in mail.get_body(("plain",)).get_content()


async def test_late_money_goes_back_when_the_customer_has_all_he_may_have(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 10, max_per_customer=3)).id
    order, payment = await expired_but_payable(customer, ticket, 2)
    await customer.order_at_once(ticket, 2)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "expired"
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(6000, 6000)]
    assert await reserved(db, ticket) == [2]


async def test_late_money_is_good_up_to_the_limit_of_the_customer(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 10, max_per_customer=3)).id
    order, payment = await expired_but_payable(customer, ticket, 2)
    await customer.order_at_once(ticket)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"
    assert await reserved(db, ticket) == [3]


async def test_money_that_went_back_pays_nothing_when_places_come_free(
    customer: Customer, db: Database, ticket: object
) -> None:
    order, payment = await expired_but_payable(customer, ticket, 2)
    other = await customer.order_at_once(ticket)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    await customer.cancel(other)
    ((id,),) = await sql(db, "SELECT id FROM orders WHERE number = :number", number=order["number"])
    async with db.begin() as session:
        await settle(session, order_id=id, payment_id=UUID(payment["payment"]))
    await customer.jobs()
    assert (await customer.order(order))["state"] == "expired"
    assert await reserved(db, ticket) == [0]
    assert len(mails_about(order)) == 1


async def test_expired_holds_of_carts_do_not_keep_late_money_out(
    customer: Customer, db: Database, ticket: object
) -> None:
    order, payment = await expired_but_payable(customer, ticket, 2)
    await customer.add(ticket, 2)
    await sql(db, "UPDATE hold SET expires_at = clock_timestamp() - interval '1 second'")
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"
    assert await reserved(db, ticket) == [2]


async def test_late_money_for_two_lines_of_the_same_counts_them_together(
    customer: Customer, db: Database, ticket: object
) -> None:
    lines = [{"offer": str(ticket), "quantity": 1}] * 2
    order = await customer.check_out(lines=lines)
    payment = await customer.start_payment(order)
    await make_overdue(db, order)
    await customer.by_the_clock(EXPIRE)
    await reopen_at_provider(db, payment)
    await customer.add(ticket)
    await age_holds(db, 60)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"
    assert await reserved(db, ticket) == [2]


async def test_what_ran_out_in_carts_is_free_also_when_late_money_goes_back(
    customer: Customer, db: Database, ticket: object
) -> None:
    order, payment = await expired_but_payable(customer, ticket, 2)
    await customer.add(ticket)
    await age_holds(db, 60)
    await Customer(customer.client, db).order_at_once(ticket)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "expired"
    assert await reserved(db, ticket) == [1]


async def test_customer_calls_off_what_is_not_paid(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket, 2)
    payment = await customer.start_payment(order)
    cancelled = await customer.cancel(order)
    assert (cancelled["state"], cancelled["payment"]) == ("cancelled", "cancelled")
    assert (await customer.cancel(order))["state"] == "cancelled"
    assert await reserved(db, ticket) == [0]
    await customer.at_provider(payment, "pay", status=409)
    await customer.start_payment(order, status=409)


async def test_a_paid_order_cannot_be_called_off(customer: Customer, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    await customer.pay(order)
    refused = await customer.cancel(order, status=409)
    assert refused["type"].endswith("order-not-pending")
    assert (await customer.order(order))["state"] == "paid"


async def test_calling_off_what_was_just_paid_finds_out(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    await customer.at_provider(await customer.start_payment(order), "pay")
    refused = await customer.cancel(order, status=409)
    assert refused["type"].endswith("order-not-pending")
    assert (await customer.order(order))["state"] == "paid"


async def test_money_for_a_cancelled_order_goes_back(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    payment = await customer.start_payment(order)
    await customer.cancel(order)
    await reopen_at_provider(db, payment)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "cancelled"
    assert (await customer.cancel(order))["state"] == "cancelled"
    assert await sql(db, "SELECT refunded FROM demo_checkout") == [(3000,)]
    assert await reserved(db, ticket) == [0]


async def test_a_second_payment_of_the_same_order_goes_back(customer: Customer, db: Database, ticket: object) -> None:
    order = await customer.order_at_once(ticket)
    first = await customer.start_payment(order)
    await sql(db, "UPDATE payment SET state = 'cancelled'")
    second = await customer.start_payment(order)
    assert second["payment"] != first["payment"]
    await customer.at_provider(first, "pay")
    await customer.at_provider(second, "pay")
    await customer.jobs()
    assert len(tickets_of(await customer.order(order))) == 1
    assert sorted(await sql(db, "SELECT captured, refunded FROM payment")) == [(3000, 0), (3000, 3000)]


async def test_merch_without_stock_keeping_never_runs_out(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=None)
    order, payment = await expired_but_payable(customer, shirt.id, 3)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"
    assert await sql(db, "SELECT * FROM hold") == []


async def test_no_second_page_is_opened_while_money_waits_to_be_settled(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 4)).id
    order = await customer.order_at_once(ticket)
    payment = await customer.start_payment(order)
    confirmed = Report(UUID(payment["payment"]), PaymentState.confirmed, order["total"], "EUR")
    async with db.begin() as session:
        await apply_report(session, confirmed)
    assert (await customer.start_payment(order, status=409))["type"].endswith("order-being-paid")
    await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"


async def test_a_page_opened_for_an_order_just_called_off_is_closed_again(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 4)).id
    order = await customer.order_at_once(ticket)
    async with db.begin() as session:
        row = (await session.execute(select(Order).where(Order.number == order["number"]))).scalar_one()
        opening = await prepare(await session.connection(), row.id, amount=row.total, pay_until=row.pay_until)
    await customer.cancel(order)
    with pytest.raises(PaymentOver):
        await open_page(
            db, PaymentQueue(db).note_opened, opening, description="", return_url="", cancel_url="", locale="en"
        )
    assert await sql(db, "SELECT state FROM demo_checkout") == [("closed",)]
    assert await sql(db, "SELECT state, reference IS NOT NULL FROM payment") == [("cancelled", True)]
