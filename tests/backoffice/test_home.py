"""The first screen shows everybody what they may see of today, and leads to what has to be done."""

import pytest

from apps.accounts.models import Role
from apps.concerts.models import ConcertState
from apps.core.db.database import Database
from apps.media.fetching.models import FetchState, PictureFetch
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.factories import make_concert, make_shirt, make_ticket_type, make_tickets
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, sql
from tests.plenty import Plenty
from tests.queries import counting
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api"]
pytestmark = pytest.mark.anyio
MOST_STATEMENTS = 12
HOME = {"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}


async def test_what_was_sold_today(manager: Clerk, customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        tickets = await make_tickets(session, 10, price=3000)
    await customer.pay(await customer.order_at_once(tickets.id, 2))
    await customer.pay(await customer.order_at_once(tickets.id, 1))
    await customer.order_at_once(tickets.id, 1)  # not paid
    await sql(db, "UPDATE orders SET paid_at = now() WHERE state = 'paid'")  # midnight may have gone by since then
    text = (await manager.visit("/admin/")).text
    assert "Today €90.00 Orders: 2, €45.00 on average A week ago at this time: €0.00" in text


async def test_the_next_concerts_with_what_is_sold_and_held(manager: Clerk, customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        tickets = await make_tickets(session, 10)
        over = await make_concert(session, days=-2)
        over.title = "Past"
    await customer.pay(await customer.order_at_once(tickets.id, 3))
    await customer.order_at_once(tickets.id, 2)
    page = await manager.visit("/admin/")
    assert "3 of 10, 2 reserved" in page.text
    assert "Past " not in page.text
    await manager.visit(page.links["Live"])


async def test_all_of_the_next_concerts_begins_as_they_do(manager: Clerk, db: Database) -> None:
    async with db.begin() as session:
        for days, title in ((9, "Later"), (2, "Off"), (1, "Sooner"), (0, "Tonight"), (-1, "Past")):
            concert = await make_concert(session, days=days)
            concert.title = title
            if title == "Off":
                concert.state = ConcertState.cancelled
    page = await manager.visit("/admin/")
    shown = concerts_on(page)
    assert shown == ["Tonight", "Sooner", "Later"]
    more = next(place for text, place in page.places if text == "View all")
    assert concerts_on(await manager.visit(more)) == shown


def concerts_on(page: Page) -> list[str]:
    return [text for text, place in page.places if place.startswith("/admin/concert/details/")]


async def test_tickets_to_refund_wait_for_somebody_even_in_the_archive(
    manager: Clerk, staff_api: StaffApi, customer: Customer
) -> None:
    concert, ticket_type = await staff_api.on_sale()
    await customer.pay(await customer.order_at_once(ticket_type["id"]))
    for action in ("cancel", "archive"):
        await staff_api.do(f"/concerts/{concert['id']}", action)
    await manager.visit("/admin/")
    assert concerts_on(await manager.follow("1 Cancelled concerts with tickets to refund")) == ["Live"]
    await manager.follow("Live")
    await manager.follow("Refund all tickets")
    await manager.press("Refund all tickets")
    await customer.jobs()
    assert "tickets to refund" not in (await manager.visit("/admin/")).text


async def test_tickets_to_refund_are_told_to_who_sees_orders_too(
    clerk: SignIn, staff_api: StaffApi, customer: Customer, db: Database
) -> None:
    async with db.begin() as session:
        for name, permissions in (("hall", ["concerts.view"]), ("desk", ["concerts.view", "orders.view"])):
            session.add(Role(name=name, title=name, permissions=permissions))
    concert, ticket_type = await staff_api.on_sale()
    await customer.pay(await customer.order_at_once(ticket_type["id"]))
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    for name, is_told in (("hall", False), ("desk", True)):
        page = await (await clerk(name)).visit("/admin/")
        assert ("tickets to refund" in page.text) is is_told


async def test_a_picture_that_failed_is_told_to_who_uploads_them(clerk: SignIn, db: Database) -> None:
    async with db.begin() as session:
        session.add(Role(name="pictures", title="Images", permissions=["media.upload"]))
        session.add(PictureFetch(url="https://elsewhere.example/a.png", state=FetchState.failed))
    page = await (await clerk("pictures")).visit("/admin/")
    assert "Needs attention" in page.text
    assert "1 Images that could not be downloaded" in page.links


async def test_what_has_to_be_sent_leads_to_its_list(manager: Clerk, customer: Customer, db: Database) -> None:
    await see_worker(db, ago=0)
    assert "Nothing needs your attention." in (await manager.visit("/admin/")).text
    async with db.begin() as session:
        shirts = [(await make_shirt(session)).id, (await make_shirt(session)).id]
    lines = [{"offer": str(shirt), "quantity": 1} for shirt in shirts]
    order = await customer.pay(await customer.check_out(lines=lines, delivery="ship", address=HOME))
    await manager.visit("/admin/")
    page = await manager.follow("1 Orders to send")
    assert order["number"] in page.links


@pytest.mark.parametrize(("ago", "stands_still"), [(0, False), (31, True), (None, True)])
async def test_a_worker_that_is_gone_is_told_of(
    manager: Clerk, db: Database, ago: int | None, stands_still: bool
) -> None:
    if ago is not None:
        await see_worker(db, ago=ago)
    page = await manager.visit("/admin/")
    assert ("No worker is running" in page.text) is stands_still


async def see_worker(db: Database, *, ago: int) -> None:
    await sql(
        db,
        "INSERT INTO process VALUES (gen_random_uuid(), 'worker', clock_timestamp() - make_interval(secs => :ago))",
        ago=ago,
    )


async def test_payments_and_refunds_that_went_wrong(manager: Clerk, customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        tickets = await make_tickets(session, 10)
    await customer.at_provider(await customer.start_payment(await customer.order_at_once(tickets.id)), "fail")
    await customer.start_payment(await customer.order_at_once(tickets.id))
    await customer.jobs()
    await sql(db, "UPDATE payment SET expires_at = now() - interval '1 hour' WHERE state = 'pending'")
    await sql(
        db,
        """INSERT INTO refund (id, created_at, payment_id, key, amount, reason, state)
           SELECT gen_random_uuid(), now() - old * interval '15 days', payment.id, 'k' || old || again, 1, '', 'failed'
           FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS old FROM payment) AS payment
           CROSS JOIN generate_series(1, 2) AS again""",
    )
    page = await manager.visit("/admin/")
    for title in ("Failed payments", "Payments without an answer", "Failed refunds in the last 14 days"):
        await manager.visit(page.links[f"1 {title}"])
        assert len([place for _text, place in manager.page.places if "/payment/details/" in place]) == 1, title


async def test_low_stock_is_of_merch_on_sale(manager: Clerk, db: Database) -> None:
    async with db.begin() as session:
        few, gone = await make_shirt(session, stock=3), await make_shirt(session, stock=0)
        hidden, plenty = await make_shirt(session, stock=2), await make_shirt(session, stock=40)
        few.title, gone.title, hidden.title, plenty.title = "Few", "Gone", "Hidden", "Plenty"
        hidden.active = False
        await make_tickets(session, 1)
    page = await manager.visit("/admin/")
    titles = [text for text, place in page.places if place.startswith("/admin/product/details/")]
    assert titles == ["Gone", "Few"]
    shown = pools_on(page)
    assert pools_on(await manager.visit(page.links["View all"])) == shown
    assert len(shown) == 2


def pools_on(page: Page) -> list[str]:
    return [place for _text, place in page.places if place.startswith("/admin/pool/details/")]


async def test_everybody_sees_their_own_part(clerk: SignIn, db: Database) -> None:
    async with db.begin() as session:
        await make_ticket_type(session, {})
        session.add(Role(name="pictures", title="Images", permissions=["media.upload"]))
    door = (await (await clerk("door")).visit("/admin/")).text
    assert "Upcoming concerts" in door
    assert "Sales" not in door
    assert "Low stock" not in door
    assert "Needs attention" not in door
    pictures = (await (await clerk("pictures")).visit("/admin/")).text
    assert "Welcome, Staff." in pictures
    assert "Upcoming concerts" not in pictures


async def test_much_takes_no_more_statements_than_little(admin: Clerk, customer: Customer, db: Database) -> None:
    plenty = Plenty(customer, {})
    counts = []
    for rows in (2, 8):
        await plenty.grow(rows)
        with counting() as sent:
            await admin.visit("/admin/")
        counts.append(len(sent))
    assert counts[0] == counts[1] < MOST_STATEMENTS


async def test_it_is_in_russian_too(clerk: SignIn) -> None:
    page = await (await clerk("manager", language="ru")).visit("/admin/?lang=ru")
    assert "Сегодня" in page.text
