"""What happens is told, signed, once for each webhook that listens."""

import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.buyer import Buyer
from tests.office import Office
from tests.webhooks.conftest import Listen
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio


async def test_an_order_is_told_from_its_placing_to_its_refund(
    buyer: Buyer, office: Office, receiver: Receiver, listen: Listen, db: Database
) -> None:
    hook = await listen()
    async with db.begin() as session:
        tickets = await make_tickets(session, 10)
    order = await buyer.order_at_once(tickets.id, 2)
    await buyer.pay(order)
    refund = {"whole": True, "reason": "late"}
    await office.ask("POST", f"/orders/{order['number']}/refund", json=refund, headers={"Idempotency-Key": "k" * 16})
    await buyer.jobs()
    assert receiver.types == ["order.placed", "order.paid", "tickets.issued", "tickets.voided", "order.refunded"]
    for call in receiver.calls:
        told = call.verified_by(hook["secret"])
        assert (call.headers["webhook-id"], call.path) == (told["id"], "/hook")
    paid, issued = receiver.calls[1].told["data"], receiver.calls[2].told["data"]
    assert (paid["number"], paid["state"], paid["total"]) == (order["number"], "paid", 6000)
    assert [ticket["state"] for ticket in issued["tickets"]] == ["valid", "valid"]
    assert receiver.calls[-1].told["data"]["state"] == "refunded"
    for secret in (order["key"], "nonce", "code"):
        assert all(secret not in call.body.decode() for call in receiver.calls)
