"""What a dispute holds up: tickets, parcels, refunds; and that all is let go when it is won."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from tests.factories import make_shirt
from tests.journeys.customer import Customer, sql
from tests.letters import letters_to, text_of
from tests.parts import tickets_of
from tests.payments.faults.conftest import Shop, new_sale, sale, shop
from tests.payments.faults.sale import Sale
from tests.payments.standins.stand_in import StandIn
from tests.staff import signed_in_as

__all__ = ["new_sale", "sale", "shop"]
pytestmark = pytest.mark.anyio
NewSale = Callable[..., Awaitable[Sale]]


@pytest.fixture(params=["demo", "stripe", "paypal"])
async def stand_in(shop: Shop, request: pytest.FixtureRequest) -> StandIn:
    """Those that tell of disputes."""
    chosen = shop.stand_ins[request.param]
    chosen.line.mend()
    chosen.outbox.clear()
    return chosen


@pytest.fixture
async def payment(sale: Sale) -> str:
    return str((await sale.paid())["payment"])


async def say(sale: Sale, payment: str, *states: str) -> None:
    """The bank says so, and all that follows."""
    for state in states:
        await sale.stand_in.dispute_it(payment, state)
        await sale.hear()
        await sale.hear()


async def held(sale: Sale) -> tuple[str | None, list[bool], list[bool]]:
    """The order's dispute; of each ticket, whether it is on hold, and whether it has a code."""
    order = await sale.customer.order(sale.order)
    tickets = tickets_of(order)
    return order["dispute"], [each["is_on_hold"] for each in tickets], [bool(each["code"]) for each in tickets]


FREE = (None, [False] * 2, [True] * 2)
OPEN = ("open", [True] * 2, [False] * 2)
LOST = ("lost", [True] * 2, [False] * 2)


async def test_while_it_is_open_the_tickets_open_no_door(sale: Sale, payment: str) -> None:
    assert await held(sale) == FREE
    await say(sale, payment, "open")
    assert await held(sale) == OPEN
    page = await sale.page()
    assert "The payment is disputed" in page
    assert "This ticket is not valid: the bank" in page
    await say(sale, payment, "won")
    assert await held(sale) == FREE
    assert "disputed" not in await sale.page()
    await sale.ends("paid", taken=sale.total, tickets=2)


@pytest.mark.parametrize(
    "told", [("won",), ("won", "open"), ("open", "open", "won", "won"), ("won", "open", "won", "open")]
)
async def test_in_whatever_order_it_is_told(sale: Sale, payment: str, told: tuple[str, ...]) -> None:
    for state in told:
        await sale.stand_in.dispute_it(payment, state)
    await sale.hear()
    await sale.hear()
    assert await held(sale) == FREE


async def test_staff_are_mailed_once_of_each_change(sale: Sale, payment: str) -> None:
    address = f"{uuid4().hex}@example.org"
    await signed_in_as(sale.customer.db, "manager", email=address)
    await say(sale, payment, "open", "open", "lost", "lost", "won")
    number = sale.order["number"]
    for subject in (f"Order {number}", f"The dispute about order {number}"):
        letters = await letters_to(sale.customer.db, address, subject=subject)
        assert len(letters) == (1 if subject.startswith("Order") else 2)
    assert "is won" in letters[-1]["Subject"] or "is lost" in letters[-1]["Subject"]
    assert all(f"Order {number}:" in text_of(each) for each in letters)


async def test_nothing_is_refunded_while_a_bank_decides(sale: Sale, payment: str) -> None:
    await say(sale, payment, "open")
    await sale.refund(status=409)
    await sale.refund(1000, status=409)
    assert await sale.refunds() == []
    await say(sale, payment, "won")
    await sale.refund(1000, key=uuid4().hex)
    await sale.hear()
    await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)


async def test_what_is_lost_is_taken_back_and_sent_no_second_time(sale: Sale, payment: str) -> None:
    await say(sale, payment, "open", "lost")
    assert await held(sale) == LOST
    assert "The bank has returned the money for this order." in await sale.page()
    await sale.refund(1000, status=409)
    await sale.refund()
    assert await sale.refunds() == []
    await sale.ends("refunded", taken=sale.total)
    assert "The payment was returned" in await sale.page()


async def test_of_money_that_was_refunded_in_part_the_rest_is_lost(sale: Sale, payment: str) -> None:
    await sale.refund(1000)
    await sale.hear()
    await say(sale, payment, "lost")
    await sale.refund()
    await sale.ends("refunded", taken=sale.total, sent=1000)


async def test_money_that_did_not_pay_the_order_holds_nothing_up(sale: Sale, payment: str) -> None:
    """It was paid twice, say, and the bank is asked for the payment that came second."""
    twice = "UPDATE orders SET payment_id = gen_random_uuid() WHERE number = :number"
    await sql(sale.customer.db, twice, number=sale.order["number"])
    await say(sale, payment, "open")
    assert await held(sale) == FREE


async def test_parcels_stay_here(sale: Sale, shop: Shop) -> None:
    async with shop.db.begin() as session:
        shirt = await make_shirt(session)
    customer = Customer(shop.client, shop.db)
    order = await customer.order_at_once(shirt.id, currency=sale.stand_in.currency)
    merch = Sale(customer, sale.stand_in, shop.staff, shirt.id, order)
    payment = str((await merch.paid())["payment"])
    await say(merch, payment, "open")
    path = f"/orders/{order['number']}/parcels"
    refused = await shop.staff.ask("POST", path, status=409, json={"state": "picked_up"}, headers=new_key())
    assert refused.json()["type"].endswith("parcels-on-hold")
    assert "It stays here: the bank was asked to return the money for it." in await merch.page()
    await say(merch, payment, "won")
    await shop.staff.ask("POST", path, json={"state": "picked_up"}, headers=new_key())


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def test_staff_see_it_at_the_order_and_take_back_what_is_lost(sale: Sale, payment: str, shop: Shop) -> None:
    await say(sale, payment, "open", "lost")
    order = await shop.staff.get(f"/orders/{sale.order['number']}")
    assert order["dispute"] == "lost"
    assert [each["action"] for each in order["timeline"] if each["action"].startswith("orders.")][:1] == ["orders.hold"]
