"""Fans who change their mind about how to pay."""

import pytest

from tests.payments.faults.sale import Sale, impatient
from tests.payments.standins.line import Fault, down, meanwhile, silent, status
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio


async def paid_at(sale: Sale, stand_in: StandIn, started: dict) -> None:
    assert await stand_in.pay(stand_in.page_of(started["payment"])) == 303
    await sale.hear(at=stand_in)


async def state(sale: Sale) -> str:
    return (await sale.customer.order(sale.order))["state"]


async def test_the_first_page_is_closed(sale: Sale, other: StandIn) -> None:
    first = await sale.start()
    second = await sale.start(at=other)
    await sale.nobody_pays_at(first["pay_url"])
    await paid_at(sale, other, second)
    await sale.hear()
    assert await sale.payments() == ["cancelled", "confirmed"]
    assert await state(sale) == "paid"


async def test_there_and_back_again(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    await sale.start()
    await sale.start(at=other)
    third = await sale.start()
    await paid_at(sale, stand_in, third)
    assert await sale.payments() == ["cancelled", "cancelled", "confirmed"]
    assert await state(sale) == "paid"


async def test_who_has_just_paid_is_not_asked_to_pay_again(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    await sale.started_then_charged()
    stand_in.take()
    refused = await sale.start(at=other, status=409)
    assert refused["type"].endswith("order-not-pending")
    await sale.customer.jobs()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_who_pays_while_the_page_is_closed_has_paid(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    first = await sale.start()
    stand_in.line.next(meanwhile(lambda: stand_in.charge(first["pay_url"]), first=True))
    await sale.start(at=other, status=409)
    await sale.hear()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_money_that_comes_at_the_first_all_the_same_pays(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    first = await sale.start()
    second = await sale.start(at=other)
    await stand_in.reopen(first["payment"])
    await paid_at(sale, stand_in, first)
    assert await state(sale) == "paid"
    assert await other.pay(other.page_of(second["payment"])) == 409
    assert await sale.payments() == ["confirmed", "cancelled"]


async def test_of_money_at_both_one_goes_back(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    first = await sale.start()
    second = await sale.start(at=other)
    await stand_in.reopen(first["payment"])
    await other.pay(other.page_of(second["payment"]))
    await paid_at(sale, stand_in, first)
    await sale.hear(at=other)
    books = [await stand_in.books(first["payment"]), await other.books(second["payment"])]
    assert sorted(sent for _taken, sent in books) == [0, sale.total]
    assert sum(taken for taken, _sent in books) == 2 * sale.total
    assert await state(sale) == "paid"


@pytest.mark.parametrize("fault", [down, silent, status(500)], ids=["down", "silent", "500"])
async def test_a_page_that_cannot_be_closed_is_not_left_open(
    sale: Sale, stand_in: StandIn, other: StandIn, fault: Fault
) -> None:
    first = await sale.start()
    stand_in.line.always = fault
    with impatient():
        await sale.start(at=other, status=503)
    assert await sale.payments() == ["pending"]
    stand_in.line.mend()
    second = await sale.start(at=other)
    await sale.nobody_pays_at(first["pay_url"])
    await paid_at(sale, other, second)
    assert await state(sale) == "paid"


async def test_the_first_was_down_from_the_start(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    stand_in.line.always = down
    await sale.start(status=503)
    await paid_at(sale, other, await sale.start(at=other))
    assert await sale.payments() == ["cancelled", "confirmed"]
    assert await state(sale) == "paid"


async def test_the_second_is_down_and_the_first_is_taken_again(sale: Sale, stand_in: StandIn, other: StandIn) -> None:
    await sale.start()
    other.line.always = down
    await sale.start(at=other, status=503)
    await paid_at(sale, stand_in, await sale.start())
    assert await state(sale) == "paid"
    assert await sale.payments() == ["cancelled", "cancelled", "confirmed"]
