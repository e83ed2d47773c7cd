"""A concert that is cancelled, on the page of an order that has tickets of it."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import clerk, manager
from tests.backoffice.orders import ask
from tests.journeys.buyer import Buyer, mails_about, sql
from tests.journeys.conftest import buyer, office
from tests.office import Office
from tests.parts import tickets_of
from tests.site.browser import Fan

__all__ = ["buyer", "clerk", "manager", "office"]
pytestmark = pytest.mark.anyio
VOID = "The concert is cancelled, and this ticket is no longer valid."
MONEY = "We will refund what you paid for it."


async def test_a_ticket_is_void_at_once_and_its_money_comes(buyer: Buyer, office: Office, fan: Fan) -> None:
    concert, standing = await office.on_sale()
    _other, elsewhere = await office.on_sale(title="Other")
    lines = [{"offer": each["id"], "quantity": 1} for each in (standing, elsewhere)]
    order = await buyer.pay(await buyer.check_out(lines=lines))
    assert VOID not in (await fan.visit(order["url"])).text
    await office.do(f"/concerts/{concert['id']}", "cancel")
    page = await fan.visit(order["url"])
    assert (page.text.count(VOID), page.text.count(MONEY)) == (1, 1)
    void, good = [each["code"] for each in tickets_of(await buyer.order(order))]
    assert void is None
    assert good in page.text


async def test_nothing_goes_back_for_what_was_free(buyer: Buyer, office: Office, fan: Fan, db: Database) -> None:
    concert, standing = await office.on_sale()
    await sql(db, "UPDATE offer_price SET amount = 0")
    order = await buyer.order_at_once(standing["id"])
    await buyer.jobs()
    await office.do(f"/concerts/{concert['id']}", "cancel")
    page = await fan.visit(order["url"])
    assert VOID in page.text
    assert MONEY not in page.text
    assert "Show each code at the door." not in page.text


async def test_a_mail_that_is_sent_again_has_no_code_for_it(
    manager: Clerk, buyer: Buyer, office: Office, db: Database
) -> None:
    concert, standing = await office.on_sale()
    order = await buyer.pay(await buyer.order_at_once(standing["id"]))
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await ask(manager, db, "resend", order)
    await manager.press("Resend email", email="other@example.org")
    await buyer.jobs()
    (mail,) = [each for each in mails_about(order) if each["To"] == "other@example.org"]
    assert "Show each code at the door" not in str(mail.get_body(("plain",)).get_content())
