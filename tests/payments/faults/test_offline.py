"""What can go wrong with money that staff take: twice at once, too late, and beside a provider's."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from msgspec.structs import force_setattr

from project.settings import settings
from tests.journeys.customer import sql
from tests.payments.faults.conftest import Shop
from tests.payments.faults.sale import Sale
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["bank_transfer", "cash"])
def offline(shop: Shop, request: pytest.FixtureRequest) -> Iterator[str]:
    before = settings.payment_providers
    force_setattr(settings, "payment_providers", f"{before} bank_transfer cash")
    yield request.param
    force_setattr(settings, "payment_providers", before)


@pytest.fixture
def stand_in(shop: Shop) -> StandIn:
    """The provider that fans change to."""
    demo = shop.stand_ins["demo"]
    demo.line.mend()
    demo.outbox.clear()
    return demo


async def begin(sale: Sale, offline: str, *, status: int = 201) -> dict:
    return await sale.customer.start_payment(sale.order, provider=offline, status=status)


async def staff_ask(sale: Sale, action: str, body: dict | None = None) -> int:
    """The answer's status, without what follows."""
    path = f"/api/v1/staff/orders/{sale.order['number']}/{action}"
    headers = {**sale.staff.headers, "Idempotency-Key": uuid4().hex}
    return (await sale.staff.client.post(path, json=body, headers=headers)).status_code


async def receive(sale: Sale, amount: int | None = None) -> int:
    return await staff_ask(sale, "receive", {"amount": amount or sale.total, "note": "Statement 12"})


async def order(sale: Sale) -> dict:
    await sale.customer.jobs()
    return await sale.customer.order(sale.order)


async def books(sale: Sale) -> list[tuple[int, int]]:
    """What was taken and sent back, by payment."""
    found = """SELECT payment.captured, payment.refunded FROM payment JOIN orders ON orders.id = owner_id
               WHERE number = :number ORDER BY payment.id"""
    return [tuple(row) for row in await sale._sql(found)]


async def test_begun_twice_it_is_one_payment(sale: Sale, offline: str) -> None:
    assert await begin(sale, offline) == await begin(sale, offline)
    await sale.chase()
    assert await sale.payments() == ["pending"]


async def test_two_people_say_so_at_once(sale: Sale, offline: str) -> None:
    await begin(sale, offline)
    assert sorted(await asyncio.gather(*(receive(sale) for _ in range(3)))) == [200, 409, 409]
    assert (await order(sale))["state"] == "paid"
    assert await books(sale) == [(sale.total, 0)]


async def test_called_off_at_the_moment_when_it_is_received(sale: Sale, offline: str) -> None:
    """Whoever is first: the order is paid, or the money is on its way back."""
    await begin(sale, offline)
    path = f"/api/v1/orders/{sale.order['number']}/cancel?key={sale.order['key']}"
    await asyncio.gather(receive(sale), sale.customer.client.post(path))
    state = (await order(sale))["state"]
    assert (state, await books(sale)) in (
        ("paid", [(sale.total, 0)]),
        ("cancelled", [(sale.total, sale.total)]),
    )


async def test_late_money_pays_while_there_are_places(sale: Sale, offline: str) -> None:
    await begin(sale, offline)
    await sale.overdue()
    assert (await order(sale))["state"] == "expired"
    assert await receive(sale) == 200
    assert (await order(sale))["state"] == "paid"


async def test_late_money_goes_back_when_there_are_none(sale: Sale, offline: str) -> None:
    await begin(sale, offline)
    await sale.overdue()
    await sql(sale.customer.db, "UPDATE pool SET capacity = reserved WHERE id IN (SELECT pool_id FROM offer_pool)")
    assert await receive(sale) == 200
    assert (await order(sale))["state"] == "expired"
    assert await books(sale) == [(sale.total, sale.total)]


async def test_of_money_here_and_at_a_provider_one_goes_back(sale: Sale, stand_in: StandIn, offline: str) -> None:
    await begin(sale, offline)
    await sale.paid()
    assert await sale.payments() == ["cancelled", "confirmed"]
    assert await receive(sale) == 200
    assert (await order(sale))["state"] == "paid"
    assert await books(sale) == [(sale.total, sale.total), (sale.total, 0)]


async def test_there_and_back_again(sale: Sale, offline: str) -> None:
    await begin(sale, offline)
    await sale.start()
    await begin(sale, offline)
    assert await receive(sale) == 200
    assert (await order(sale))["state"] == "paid"
    assert await sale.payments() == ["cancelled", "cancelled", "confirmed"]


async def test_a_refund_waits_for_staff_and_is_sent_once(sale: Sale, offline: str) -> None:
    await begin(sale, offline)
    await receive(sale)
    await sale.customer.jobs()
    await sale.refund(1000)
    await sale.chase()
    assert [state for _id, state in await sale.refunds()] == ["in_transit"]
    assert await asyncio.gather(*(staff_ask(sale, "refunds-sent") for _ in range(2))) == [200, 200]
    assert [state for _id, state in await sale.refunds()] == ["done"]
    assert await books(sale) == [(sale.total, 1000)]
    told = "SELECT count(*) FROM audit_entry WHERE action = 'payments.refunds_sent' AND subject_id = :id"
    ((payment,),) = await sale._sql("SELECT payment_id FROM orders WHERE number = :number")
    assert await sql(sale.customer.db, told, id=payment) == [(1,)]


async def test_nobody_else_says_so(sale: Sale, offline: str) -> None:
    await begin(sale, offline)
    answer = await sale.customer.client.post(f"/api/v1/payments/{offline}/webhook", json={"paid": True})
    assert answer.status_code == 401
    assert await sale.payments() == ["pending"]
