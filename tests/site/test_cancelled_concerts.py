"""A concert that is cancelled, on the page of an order that has tickets of it."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import clerk, manager
from tests.backoffice.orders import ask
from tests.journeys.conftest import customer, staff_api
from tests.journeys.customer import Customer, mails_about, sql
from tests.parts import tickets_of
from tests.site.browser import Fan
from tests.staff_api import StaffApi

__all__ = ["clerk", "customer", "manager", "staff_api"]
pytestmark = pytest.mark.anyio
VOID = "The concert is cancelled, and this ticket is no longer valid."
MONEY = "We will refund what you paid for it."


async def test_a_ticket_is_void_at_once_and_its_money_comes(customer: Customer, staff_api: StaffApi, fan: Fan) -> None:
    concert, standing = await staff_api.on_sale()
    _other, elsewhere = await staff_api.on_sale(title="Other")
    lines = [{"offer": each["id"], "quantity": 1} for each in (standing, elsewhere)]
    order = await customer.pay(await customer.check_out(lines=lines))
    assert VOID not in (await fan.visit(order["url"])).text
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    page = await fan.visit(order["url"])
    assert (page.text.count(VOID), page.text.count(MONEY)) == (1, 1)
    void, good = [each["code"] for each in tickets_of(await customer.order(order))]
    assert void is None
    assert good in page.text


async def test_nothing_goes_back_for_what_was_free(
    customer: Customer, staff_api: StaffApi, fan: Fan, db: Database
) -> None:
    concert, standing = await staff_api.on_sale()
    await sql(db, "UPDATE offer_price SET amount = 0")
    order = await customer.order_at_once(standing["id"])
    await customer.jobs()
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    page = await fan.visit(order["url"])
    assert VOID in page.text
    assert MONEY not in page.text
    assert "Show each code at the door." not in page.text


async def test_a_mail_that_is_sent_again_has_no_code_for_it(
    manager: Clerk, customer: Customer, staff_api: StaffApi, db: Database
) -> None:
    concert, standing = await staff_api.on_sale()
    order = await customer.pay(await customer.order_at_once(standing["id"]))
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await ask(manager, db, "resend", order)
    await manager.press("Resend email", email="other@example.org")
    await customer.jobs()
    (mail,) = [each for each in mails_about(order) if each["To"] == "other@example.org"]
    assert "Show each code at the door" not in str(mail.get_body(("plain",)).get_content())
