"""What can go wrong with money that goes back."""

import pytest

from tests.payments.faults.sale import FAULTS, Sale, impatient
from tests.payments.standins.line import half, lost, meanwhile, status
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio


@pytest.fixture
async def paid(sale: Sale) -> str:
    """The id of the payment."""
    return str((await sale.paid())["payment"])


async def states(sale: Sale) -> list[str]:
    return [state for _id, state in await sale.refunds()]


@pytest.mark.usefixtures("paid")
class TestRefund:
    async def test_all_of_it(self, sale: Sale) -> None:
        await sale.refund()
        await sale.hear()
        assert await states(sale) == ["done"]
        await sale.ends("refunded", taken=sale.total, sent=sale.total)

    async def test_a_part_and_then_the_rest(self, sale: Sale) -> None:
        await sale.refund(1000)
        await sale.hear()
        await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)
        await sale.refund(2000)
        await sale.hear()
        await sale.ends("paid", taken=sale.total, sent=3000, tickets=2)
        await sale.refund()
        await sale.hear()
        assert await states(sale) == ["done"] * 3
        await sale.ends("refunded", taken=sale.total, sent=sale.total)

    async def test_asked_for_twice_with_one_key(self, sale: Sale) -> None:
        for _ in range(2):
            await sale.refund(1000, key=f"only-once-{sale.order['number']}")
        await sale.hear()
        await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)

    async def test_more_than_was_paid(self, sale: Sale, stand_in: StandIn) -> None:
        stand_in.line.mend()
        await sale.refund(sale.total + 1, status=409)
        assert stand_in.line.asked == []
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_it_is_sent_once_though_the_line_is_bad(self, sale: Sale, stand_in: StandIn) -> None:
        for number, fault in enumerate(FAULTS, 1):
            stand_in.line.next(fault)
            with impatient():
                await sale.refund(100 + number)
            assert (await states(sale))[-1] == "created"
            await sale.jobs_again()
        await sale.hear()
        assert await states(sale) == ["done"] * len(FAULTS)
        await sale.ends("paid", taken=sale.total, sent=sum(range(101, 101 + len(FAULTS))), tickets=2)

    async def test_every_call_of_it_may_fail_once(self, sale: Sale, stand_in: StandIn) -> None:
        stand_in.line.next(meanwhile(_nothing), lost, half, lost)
        await sale.refund()
        for _ in range(4):
            await sale.jobs_again()
        stand_in.line.mend()
        await sale.hear()
        await sale.ends("refunded", taken=sale.total, sent=sale.total)

    async def test_the_webhook_may_come_before_the_answer(self, sale: Sale, stand_in: StandIn) -> None:
        async def tell() -> None:
            for call in stand_in.take("refunded"):
                await sale.send(call)

        stand_in.line.next(meanwhile(tell), meanwhile(tell))
        await sale.refund()
        await sale.hear()
        assert await states(sale) == ["done"]
        await sale.ends("refunded", taken=sale.total, sent=sale.total)

    async def test_its_webhooks_may_come_twice(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.refund(1000)
        for call in stand_in.take() * 2:
            await sale.send(call)
            await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)

    async def test_its_webhook_is_lost_and_nothing_is_sent_twice(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.refund(1000)
        stand_in.take()
        await sale.chase()
        await sale.chase()
        assert await states(sale) in (["done"], ["in_transit"])
        await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)

    async def test_the_provider_says_no_and_the_money_stays_ours(self, sale: Sale, stand_in: StandIn) -> None:
        stand_in.line.always = status(400)
        await sale.refund(1000)
        stand_in.line.mend()
        assert await states(sale) == ["failed"]
        await sale.ends("paid", taken=sale.total, tickets=2)
        await sale.refund(2000)
        await sale.hear()
        await sale.ends("paid", taken=sale.total, sent=2000, tickets=2)


async def _nothing() -> None:
    pass


@pytest.mark.parametrize("was_done", [False, True], ids=["on its way", "done"])
async def test_a_refund_that_fails_later_is_ours_again(
    sale: Sale, stand_in: StandIn, paid: str, was_done: bool
) -> None:
    await sale.refund(1000)
    if was_done:
        await sale.hear()
    ((id, _state),) = await sale.refunds()
    stand_in.take()
    await sale.tell("refund_failed", paid, refund=id)
    assert await states(sale) == ["failed"]
    order = await sale.customer.order(sale.order)
    assert (order["state"], order["refunded"]) == ("paid", 0)
    found = await sale._sql(
        "SELECT payment.refunded FROM payment JOIN orders ON orders.id = owner_id WHERE number = :number"
    )
    assert [tuple(row) for row in found] == [(0,)]


async def test_what_failed_is_not_done_by_an_older_word(sale: Sale, stand_in: StandIn, paid: str) -> None:
    await sale.refund(1000)
    ((id, _state),) = await sale.refunds()
    older = await stand_in.event("refunded", paid, refund=id)
    await sale.tell("refund_failed", paid, refund=id)
    await sale.send(older)
    await sale.customer.jobs()
    assert await states(sale) == ["failed"]
