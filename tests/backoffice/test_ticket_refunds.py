"""A manager cancels a concert and refunds its tickets by one question."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.scheduling import ask
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, fail_refund, sql
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def concert(staff_api: StaffApi, customer: Customer) -> str:
    """Sold to two, and cancelled."""
    concert, ticket_type = await staff_api.on_sale()
    for quantity in (1, 2):
        await customer.pay(await customer.order_at_once(ticket_type["id"], quantity))
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    return str(concert["id"])


async def test_one_question_refunds_them_all(manager: Clerk, customer: Customer, concert: str) -> None:
    await manager.visit(f"/admin/concert/details/{concert}")
    page = await manager.follow("Refund all tickets")
    assert "Tickets sold 3 Orders with tickets 2 Ticket revenue €90.00" in page.text
    page = await manager.press("Refund all tickets")
    assert "The refunds are on their way." in page.text
    assert "2 €90.00 0 €0.00 0 €0.00" in page.text
    await customer.jobs()
    page = await manager.visit(f"/admin/concert/details/{concert}")
    assert "0 €0.00 2 €90.00 0 €0.00" in page.text


async def test_a_second_click_leads_to_the_same_place(
    manager: Clerk, customer: Customer, concert: str, db: Database
) -> None:
    asked = await ask(manager, "refund-tickets", concert)
    for _click in range(2):
        manager.page = asked
        await manager.press("Refund all tickets")
    await customer.jobs()
    told = await sql(db, "SELECT * FROM audit_entry WHERE action = 'concerts.refund_tickets'")
    assert len(told) == 1
    await ask(manager, "refund-tickets", concert)
    page = await manager.press("Refund all tickets", status=409)
    assert "Nobody has tickets of this concert any more" in page.text


async def test_it_is_offered_for_what_is_called_off_to_who_may_refund(
    manager: Clerk, clerk: SignIn, staff_api: StaffApi, concert: str
) -> None:
    sold, _ticket_type = await staff_api.on_sale(title="Other")
    page = await manager.visit(f"/admin/concert/details/{sold['id']}")
    assert "Refund all tickets" not in page.text
    moderator = await clerk("moderator")
    await moderator.visit(f"/admin/concert/details/{concert}")
    assert "Refund all tickets" not in moderator.page.links
    assert "Refunds of the tickets" not in moderator.page.text
    await ask(moderator, "refund-tickets", concert, status=403)


async def test_money_that_could_not_be_sent_waits_for_somebody(
    manager: Clerk, customer: Customer, concert: str, db: Database
) -> None:
    await ask(manager, "refund-tickets", concert)
    await manager.press("Refund all tickets")
    await fail_refund(customer, amount=3000)
    page = await manager.visit("/admin/")
    assert "Failed refunds in the last 14 days" in page.text
    page = await manager.visit(f"/admin/concert/details/{concert}")
    assert "0 €0.00 1 €60.00 1 €30.00" in page.text
    ((number,),) = await sql(db, "SELECT number FROM orders WHERE refunded < total")
    page = await manager.visit(next(place for _text, place in page.places if "refunds=failed" in place))
    assert [text for text, place in page.places if "/order/details/" in place] == [number]
    assert "Refund amount" in (await manager.follow(number)).links
