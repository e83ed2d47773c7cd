"""A fan withdraws from the contract, in two steps and without JavaScript, and is told so by mail at once."""

from typing import Any

import pytest

from apps.core.db.database import Database
from tests.backoffice.orders import HOME, sent_shirt, shirts, tickets
from tests.journeys.customer import Customer, mails_about, sql
from tests.site.browser import Fan

pytestmark = pytest.mark.anyio
BUTTON, CONFIRM = "Withdraw from contract here", "Confirm withdrawal"
DELIVERED = """UPDATE shipment SET state = 'delivered',
    moved_at = (date_trunc('day', clock_timestamp()) - make_interval(days => :days)) + interval '12 hours'"""


async def withdraw(fan: Fan, order: dict, **typed: Any) -> None:
    await fan.visit(order["url"])
    await fan.follow(BUTTON)
    await fan.press("Continue", **typed)
    await fan.press(CONFIRM)


def receipts(order: dict) -> list[str]:
    mails = [each for each in mails_about(order) if "withdrawal" in each["Subject"] or "отказ" in each["Subject"]]
    return [str(each.get_body(("plain",)).get_content()) for each in mails]


async def test_two_steps_and_a_receipt(fan: Fan, customer: Customer, db: Database) -> None:
    order = await sent_shirt(customer, db, name="Ada")
    await fan.visit(order["url"])
    assert "until 14 days after you have received it" in fan.page.text
    await fan.follow(BUTTON)
    step = await fan.press("Continue", email="other@example.org")
    assert "I withdraw from the contract for the purchase of these goods: 1 × Shirt · L" in step.text
    assert await sql(db, "SELECT 1 FROM withdrawal") == []
    done = await fan.press(CONFIRM)
    assert "We have sent the confirmation to other@example.org." in done.text
    assert BUTTON not in done.links
    await customer.jobs()
    (mail,) = [each for each in mails_about(order) if "withdrawal" in each["Subject"]]
    assert mail["To"] == "other@example.org"
    ((statement, moment),) = await sql(
        db, "SELECT statement, to_char(created_at AT TIME ZONE 'UTC', 'HH24:MI:SS') FROM withdrawal"
    )
    (text,) = receipts(order)
    assert statement in text
    assert moment in text
    assert f"Order {order['number']} of" in text


async def test_a_second_click_changes_nothing(fan: Fan, customer: Customer, db: Database) -> None:
    order = await sent_shirt(customer, db, name="Ada")
    await fan.visit(order["url"])
    await fan.follow(BUTTON)
    step = await fan.press("Continue")
    for _click in range(2):
        fan.page = step
        await fan.press(CONFIRM)
    assert await sql(db, "SELECT quantity FROM withdrawal_line") == [(1,)]
    await customer.jobs()
    assert len(receipts(order)) == 1


async def test_some_of_the_pieces(fan: Fan, customer: Customer, db: Database) -> None:
    offer = await shirts(db)
    order = await customer.pay(await customer.order_at_once(offer, 3, name="Ada", delivery="ship", address=HOME))
    line = f"pieces-{order['lines'][0]['id']}"
    await withdraw(fan, order, **{line: 2})
    await fan.follow(BUTTON)
    assert "of 1" in fan.page.text
    page = await fan.press("Continue", status=422, **{line: 2})
    assert "Choose at least one piece" in page.text
    await fan.press("Continue", status=422, **{line: 0})
    await fan.press("Continue", status=422, **{line: "²"})
    await fan.press("Continue", **{line: 1})
    await fan.press(CONFIRM)
    assert await sql(db, "SELECT sum(quantity) FROM withdrawal_line") == [(3,)]


async def test_in_russian(fan: Fan, customer: Customer, db: Database) -> None:
    order = await sent_shirt(customer, db, name="Ада", locale="ru")
    fan.client.headers["Accept-Language"] = "ru"
    await fan.visit(order["url"])
    await fan.follow("Отказаться от договора здесь")
    await fan.press("Продолжить")
    await fan.press("Подтвердить отказ")
    await customer.jobs()
    (text,) = receipts(order)
    assert "Я отказываюсь от договора купли-продажи этих товаров:" in text
    assert "Что дальше" in text


@pytest.mark.parametrize(("days", "is_open"), [(14, True), (17, False)])
async def test_the_days_follow_the_delivery(
    fan: Fan, customer: Customer, db: Database, days: int, is_open: bool
) -> None:
    """On the fourteenth day it is possible; after the seventeenth day, whatever weekend there was, it is not."""
    order = await sent_shirt(customer, db, name="Ada")
    await sql(db, DELIVERED, days=days)
    assert (BUTTON in (await fan.visit(order["url"])).links) == is_open
    page = await fan.visit(f"/orders/{order['number']}/withdraw?key={order['key']}")
    assert ("The time to withdraw ended on" in page.text) != is_open


async def test_too_late_between_the_steps(fan: Fan, customer: Customer, db: Database) -> None:
    order = await sent_shirt(customer, db, name="Ada")
    await fan.visit(order["url"])
    await fan.follow(BUTTON)
    await fan.press("Continue")
    await sql(db, DELIVERED, days=17)
    page = await fan.press(CONFIRM, status=409)
    assert "The time in which this order could be withdrawn from is over." in page.text
    assert await sql(db, "SELECT 1 FROM withdrawal") == []


async def test_not_for_tickets(fan: Fan, customer: Customer, db: Database) -> None:
    order = await customer.pay(await customer.order_at_once(await tickets(db)))
    assert BUTTON not in (await fan.visit(order["url"])).links
    page = await fan.visit(f"/orders/{order['number']}/withdraw?key={order['key']}")
    assert "Tickets for a date are excluded by law." in page.text


async def test_not_without_the_key(fan: Fan, customer: Customer, db: Database) -> None:
    order = await sent_shirt(customer, db)
    await fan.visit(f"/orders/{order['number']}/withdraw", status=404)
    await fan.visit(f"/orders/{order['number']}/withdraw?key={order['key']}x", status=404)


async def test_what_is_typed_is_text(fan: Fan, customer: Customer, db: Database) -> None:
    order = await sent_shirt(customer, db, name="Ada")
    await fan.visit(order["url"])
    await fan.follow(BUTTON)
    hostile = '"><script>alert(1)</script>{number}'
    page = await fan.press("Continue", status=422, name=hostile, email="no address")
    assert "An email address looks like name@example.org." in page.text
    step = await fan.press("Continue", name=hostile, email="fan@example.org")
    assert hostile in step.text
    assert not step.foreign
    await fan.press(CONFIRM)
    await customer.jobs()
    (mail,) = [each for each in mails_about(order) if "withdrawal" in each["Subject"]]
    assert "<script" not in str(mail.get_body(("html",)).get_content())
