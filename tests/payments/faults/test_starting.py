"""What can go wrong before a fan stands in front of the provider's page."""

import pytest

from tests.journeys.customer import sql
from tests.payments.faults.sale import FAULTS, Sale, impatient
from tests.payments.standins.line import meanwhile, status
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio


async def test_a_start_that_failed_is_tried_again_and_is_one_payment(sale: Sale, stand_in: StandIn) -> None:
    for fault in FAULTS:
        stand_in.line.next(fault)
        with impatient():
            refused = await sale.start(status=503)
        assert refused["type"].endswith("provider-unreachable")
    await sale.paid()
    assert await sale.payments() == ["confirmed"]
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_started_twice_it_is_the_same_page(sale: Sale) -> None:
    first, second = await sale.start(), await sale.start()
    assert first == second


async def test_the_provider_says_no_and_the_fan_pays_by_another(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    stand_in.line.next(status(400))
    refused = await sale.start(status=502)
    assert refused["type"].endswith("provider-refused")
    assert await other.pay((await sale.start(at=other))["pay_url"]) == 303
    await sale.hear(at=other)
    assert await sale.payments() == ["cancelled", "confirmed"]
    assert (await sale.customer.order(sale.order))["state"] == "paid"


async def test_called_off_while_it_is_started_the_page_is_closed(sale: Sale, stand_in: StandIn) -> None:
    stand_in.line.next(meanwhile(sale.cancel))
    refused = await sale.start(status=409)
    assert refused["type"].endswith("payment-over")
    await sale.hear()
    assert await sale.payments() == ["cancelled"]
    await sale.ends("cancelled")


async def test_the_webhook_may_come_before_the_answer(sale: Sale, stand_in: StandIn) -> None:
    async def pay_at_once() -> None:
        ((payment,),) = await sale._sql(
            "SELECT payment.id FROM payment JOIN orders ON orders.id = owner_id WHERE number = :number"
        )
        assert await stand_in.pay(stand_in.page_of(str(payment))) == 303
        await sale.hear()

    stand_in.line.next(meanwhile(pay_at_once))
    await sale.start()
    await sale.ends("paid", taken=sale.total, tickets=2)
    await sale.refund()
    await sale.hear()
    await sale.ends("refunded", taken=sale.total, sent=sale.total)


async def test_nobody_pays_by_what_is_not_offered(sale: Sale) -> None:
    refused = await sale.customer.start_payment(sale.order, status=422, provider="barter")
    assert refused["type"].endswith("provider-unknown")
    assert await sale.payments() == []


async def test_an_overdue_order_is_not_taken_to_a_provider(sale: Sale, stand_in: StandIn) -> None:
    await sale.overdue()
    await sale.start(status=409)
    assert stand_in.line.asked == []
    await sale.ends("expired")


async def test_all_calls_share_a_few_connections(sale: Sale, stand_in: StandIn) -> None:
    before = stand_in.line.connections
    await sale.paid()
    await sale.refund()
    calls = len(stand_in.line.asked)
    assert calls >= 2
    assert stand_in.line.connections - before <= calls // 2, "only calls at the same moment have each their own"


async def test_no_transaction_is_open_while_a_provider_is_asked(sale: Sale, stand_in: StandIn) -> None:
    open_ones: list[int] = []

    async def look() -> None:
        found = """SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""
        open_ones.extend(row.count for row in await sql(sale.customer.db, found))

    stand_in.line.always = meanwhile(look)
    started = await sale.start()
    await sale.come_back()
    await stand_in.expire(started["payment"])
    await sale.hear()
    await sale.paid()
    await sale.refund(1000)
    await sale.hear()
    await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)
    assert len(open_ones) >= 4
    assert set(open_ones) == {0}
