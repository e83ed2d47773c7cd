"""What a fan hears of a parcel: by mail, on the page of the order, and from the API."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import clerk, manager
from tests.backoffice.orders import HOME, ask, sent_shirt
from tests.journeys.conftest import customer
from tests.journeys.customer import Customer, mails_about, sql
from tests.parts import shipments_of
from tests.site.browser import Fan

__all__ = ["clerk", "customer", "manager"]
pytestmark = pytest.mark.anyio
HOSTILE = '"><script>alert(1)</script>'


async def sent(manager: Clerk, customer: Customer, db: Database, *, tracking: str = "", **facts: object) -> dict:
    """An order whose parcel has left."""
    order = await sent_shirt(customer, db, **facts)
    await ask(manager, db, "send", order)
    await manager.press("Mark as shipped", tracking=tracking)
    await customer.jobs()
    return await customer.order(order)


def texts_of(order: dict) -> list[str]:
    """Of the mails that a parcel is on its way."""
    mails = [each for each in mails_about(order) if "parcel" in each["Subject"] or "Посылка" in each["Subject"]]
    return [str(each.get_body(("plain",)).get_content()) for each in mails]


async def test_what_is_here_has_an_address_to_go_to(customer: Customer, fan: Fan, db: Database) -> None:
    page = await fan.visit((await sent_shirt(customer, db))["url"])
    assert "to be packed 1 × Shirt · L" in page.text
    assert "Address: Quay 1, 20457 Hamburg, Germany" in page.text


async def test_the_customer_sees_what_has_left(manager: Clerk, customer: Customer, fan: Fan, db: Database) -> None:
    order = await sent(manager, customer, db, tracking="RX 12")
    page = await fan.visit(order["url"])
    assert "on its way" in page.text
    assert "Tracking number: RX 12" in page.text
    assert "Address: Quay 1, 20457 Hamburg, Germany" in page.text
    (shipment,) = shipments_of(order)
    assert (shipment["title"], shipment["state"], shipment["tracking"]) == ("Shirt · L", "shipped", "RX 12")
    assert (shipment["tracking_url"], shipment["address"]) == (None, HOME)


async def test_what_has_left_goes_where_it_was_sent(manager: Clerk, customer: Customer, fan: Fan, db: Database) -> None:
    order = await sent(manager, customer, db)
    await sql(db, """UPDATE orders SET address = address || '{"line1": "Elsewhere 2"}'""")
    assert "Elsewhere" not in (await fan.visit(order["url"])).text


async def test_the_customer_is_mailed_once_in_the_orders_language(
    manager: Clerk, customer: Customer, db: Database
) -> None:
    order = await sent(manager, customer, db, tracking="RX 12", locale="ru")
    (text,) = texts_of(order)
    assert "1 × Shirt · L" in text
    assert "Номер для отслеживания: RX 12" in text
    assert "Адрес: Quay 1, 20457 Hamburg, Германия" in text
    await ask(manager, db, "arrive", order)
    await manager.press("Mark as delivered")
    await customer.jobs()
    assert len(texts_of(order)) == 1


async def test_a_safe_address_is_a_link(manager: Clerk, customer: Customer, fan: Fan, db: Database) -> None:
    address = "https://post.example/track?id=1&lang=en"
    order = await sent(manager, customer, db, tracking=address)
    assert (await fan.visit(order["url"])).links["Follow your parcel"] == address
    assert shipments_of(order)[0]["tracking_url"] == address
    assert f"Follow your parcel: {address}" in texts_of(order)[0]


@pytest.mark.parametrize("tracking", ["javascript:alert(1)", HOSTILE])
async def test_anything_else_is_text(manager: Clerk, customer: Customer, fan: Fan, db: Database, tracking: str) -> None:
    order = await sent(manager, customer, db, tracking=tracking)
    page = await fan.visit(order["url"])
    assert tracking in page.text
    assert not page.foreign
    assert tracking not in page.links.values()
    assert [str(each.get_body(("html",)).get_content()).count("<script") for each in mails_about(order)] == [0, 0]


@pytest.mark.parametrize(
    "tracking", ["http://post.example/1", f"https://post.example {HOSTILE}", "https://post.example/\u202e1"]
)
async def test_a_link_that_nobody_could_follow_is_refused(
    manager: Clerk, customer: Customer, db: Database, tracking: str
) -> None:
    order = await sent_shirt(customer, db)
    await ask(manager, db, "send", order)
    page = await manager.press("Mark as shipped", status=422, tracking=tracking)
    assert page.errors == ["A link starts with https:// and has no spaces."]
    assert shipments_of(await customer.order(order))[0]["state"] == "unfulfilled"
