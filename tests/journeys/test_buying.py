"""A guest buys: from the cart to the ticket."""

import pytest

from apps.core.db import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.conftest import Buyer

pytestmark = pytest.mark.anyio


async def test_guest_buys_a_shirt_and_two_tickets(buyer: Buyer, db: Database) -> None:
    async with db.begin() as session:
        shirt, ticket = await make_shirt(session), await make_tickets(session, 100)
    await buyer.add(shirt.id)
    cart = await buyer.add(ticket.id, 2)
    assert cart["total"] == 2500 + 2 * 3000
    assert all(line["held"] for line in cart["lines"])
    order = await buyer.check_out()
    assert (order["state"], order["total"]) == ("pending", 8500)
    payment = await buyer.start_payment(order)
    await buyer.at_provider(payment, "pay")
    await buyer.jobs()
    paid = await buyer.order(order)
    assert paid["state"] == "paid"
    assert len({ticket["code"] for ticket in paid["tickets"]}) == 2
    assert [each["state"] for each in paid["shipments"]] == ["waiting_for_pickup"]
