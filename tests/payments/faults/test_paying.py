"""What can go wrong between the provider's page and the tickets."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from tests.journeys.customer import Customer, mails_about, sql
from tests.letters import text_of
from tests.payments.faults.sale import FAULTS, PRICE, Sale, impatient
from tests.payments.standins.line import down, meanwhile
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio
NewSale = Callable[..., Awaitable[Sale]]


class TestWebhooks:
    async def test_money_makes_tickets(self, sale: Sale) -> None:
        await sale.paid()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_doubled_one_makes_them_once(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.started_then_paid()
        for call in stand_in.take() * 2:
            await sale.send(call)
            await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_several_at_once_make_them_once(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.started_then_paid()
        await asyncio.gather(*(sale.send(call) for call in stand_in.take() * 4))
        await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_they_may_come_the_last_first(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.start()
        await stand_in.decline(started["pay_url"])
        await sale.come_back()
        assert await stand_in.pay((await sale.start())["pay_url"]) == 303
        await sale.customer.jobs()
        for call in reversed(stand_in.take()):
            await sale.send(call)
            await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, tickets=2)

    @pytest.mark.parametrize("late", ["pending", "failed", "closed"])
    async def test_what_is_told_after_the_money_changes_nothing(self, sale: Sale, late: str) -> None:
        started = await sale.paid()
        await sale.tell(late, started["payment"])
        assert await sale.payments() == ["confirmed"]
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_a_page_that_ended_is_replaced_by_a_new_one(self, sale: Sale, stand_in: StandIn) -> None:
        first = await sale.start()
        await stand_in.expire(first["payment"])
        await sale.hear()
        assert (await sale.start())["payment"] != first["payment"]
        await sale.paid()
        assert await sale.payments() == ["cancelled", "confirmed"]
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_less_money_than_was_asked_for_goes_back(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.started_then_charged()
        stand_in.take()
        await sale.tell("confirmed", started["payment"], amount=sale.total - 100)
        await sale.hear("refunded")
        assert await sale.payments() == ["confirmed"]
        assert (await stand_in.books(started["payment"]))[1] == sale.total - 100
        assert (await sale.customer.order(sale.order))["state"] == "pending"
        assert "was less than its total" in told_of_return(sale)

    async def test_another_currency_pays_nothing(self, sale: Sale) -> None:
        started = await sale.start()
        await sale.tell("confirmed", started["payment"], currency="SEK")
        assert await sale.payments() == ["cancelled"]
        found = "SELECT amount, currency FROM payment_discrepancy WHERE payment_id = :id"
        assert await sql(sale.customer.db, found, id=started["payment"]) == [(sale.total, "SEK")]
        await sale.ends("pending")

    async def test_of_an_unknown_payment_staff_are_told(self, sale: Sale, stand_in: StandIn) -> None:
        stranger = str(uuid4())
        await sale.tell("confirmed", stranger)
        found = "SELECT problem FROM webhook_event WHERE detail = :id"
        assert await sql(sale.customer.db, found, id=stranger) == [("unknown_payment",)]

    async def test_no_provider_speaks_of_another_s_payments(
        self, sale: Sale, stand_in: StandIn, other: StandIn
    ) -> None:
        started = await sale.start(at=other)
        await sale.tell("confirmed", started["payment"])
        assert await sale.payments() == ["pending"]

    async def test_a_kind_that_nobody_knows_changes_nothing(self, sale: Sale) -> None:
        started = await sale.start()
        await sale.tell("unknown", started["payment"])
        assert await sale.payments() == ["pending"]


class TestDeclined:
    async def test_the_fan_is_told_why_and_tries_again(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.start()
        await stand_in.decline(started["pay_url"])
        await sale.hear()
        assert "The payment did not go through" in await sale.page()
        await sale.ends("pending")
        assert await stand_in.pay((await sale.start())["pay_url"]) == 303
        await sale.hear()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_who_leaves_in_the_middle_of_3_d_secure_has_paid_nothing(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.start()
        await stand_in.begin_authentication(started["pay_url"])
        await sale.hear()
        assert "Not paid yet" in await sale.page()
        await sale.overdue()
        await sale.nobody_pays_at(started["pay_url"])
        await sale.ends("expired")


class TestComingBack:
    async def test_the_provider_is_asked_before_its_webhook_comes(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.started_then_paid()
        await sale.come_back()
        await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, tickets=2)
        await sale.hear()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_who_has_not_paid_is_told_so(self, sale: Sale) -> None:
        await sale.start()
        await sale.come_back()
        assert "Not paid yet" in await sale.page()
        await sale.ends("pending")

    async def test_nobody_is_believed_about_having_paid(self, sale: Sale) -> None:
        await sale.come_back()
        assert await sale.payments() == []
        await sale.ends("pending")

    async def test_a_provider_that_says_nothing_is_not_waited_for(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.started_then_paid()
        for fault in FAULTS:
            stand_in.line.always = fault
            with impatient():
                await sale.come_back()
                assert "Checking your payment" in await sale.page()
        stand_in.line.mend()
        await sale.hear()
        await sale.ends("paid", taken=sale.total, tickets=2)


class TestLostWebhooks:
    async def test_the_chase_finds_the_money(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.started_then_paid()
        stand_in.take()
        await sale.chase()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_the_chase_comes_again_when_the_provider_was_down(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.started_then_charged()
        stand_in.take()
        stand_in.line.always = down
        await sale.chase()
        await sale.ends("pending", taken=0, held=2, theirs=sale.total)
        stand_in.line.mend()
        await sale.chase()
        await sale.jobs_again()
        await sale.ends("paid", taken=sale.total, tickets=2)


class TestTheEnd:
    async def test_who_pays_while_it_is_called_off_has_paid(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.start()
        stand_in.line.next(meanwhile(lambda: stand_in.charge(started["pay_url"]), first=True))
        await sale.cancel(status=409)
        await sale.hear()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_who_pays_while_it_runs_out_has_paid(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.start()
        stand_in.line.next(meanwhile(lambda: stand_in.charge(started["pay_url"]), first=True))
        await sale.overdue()
        await sale.hear()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_nobody_pays_at_a_page_that_was_closed(self, sale: Sale) -> None:
        started = await sale.start()
        await sale.cancel()
        await sale.nobody_pays_at(started["pay_url"])
        await sale.ends("cancelled")

    async def test_no_place_is_free_before_the_page_is_closed(self, sale: Sale, stand_in: StandIn) -> None:
        await sale.start()
        for fault in FAULTS:
            stand_in.line.always = fault
            with impatient():
                await sale.overdue()
                await sale.jobs_again()
            await sale.ends("pending")
        stand_in.line.mend()
        await sale.jobs_again()
        await sale.overdue()
        await sale.ends("expired")

    async def _late(self, sale: Sale, stand_in: StandIn) -> str:
        """The page takes money although the order is over."""
        started = await sale.start()
        await sale.overdue()
        await sale.hear()
        await stand_in.reopen(started["payment"])
        return stand_in.page_of(started["payment"])

    async def test_late_money_is_good_while_places_are_left(self, sale: Sale, stand_in: StandIn) -> None:
        assert await stand_in.pay(await self._late(sale, stand_in)) == 303
        await sale.hear()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_late_money_goes_back_when_the_places_are_gone(self, sale: Sale, stand_in: StandIn) -> None:
        page = await self._late(sale, stand_in)
        await Customer(sale.customer.client, sale.customer.db).order_at_once(sale.offer, 1)
        await stand_in.pay(page)
        await sale.hear()
        await sale.ends("expired", taken=sale.total, sent=sale.total, held=1)
        assert "could no longer be served" in told_of_return(sale)

    async def test_money_for_a_cancelled_order_goes_back(self, sale: Sale, stand_in: StandIn) -> None:
        started = await sale.start()
        await sale.cancel()
        await sale.hear()
        await stand_in.reopen(started["payment"])
        await stand_in.pay(stand_in.page_of(started["payment"]))
        await sale.hear()
        await sale.ends("cancelled", taken=sale.total, sent=sale.total)

    async def test_of_two_payments_one_goes_back(self, sale: Sale, stand_in: StandIn) -> None:
        first = await sale.start()
        await stand_in.expire(first["payment"])
        await sale.hear()
        second = await sale.start()
        await stand_in.reopen(first["payment"])
        for each in (first, second):
            await stand_in.pay(stand_in.page_of(each["payment"]))
        await sale.hear()
        await sale.ends("paid", taken=2 * sale.total, sent=sale.total, tickets=2)
        assert "was already paid" in told_of_return(sale)

    async def test_a_sold_out_concert_is_not_sold_twice(self, new_sale: NewSale, stand_in: StandIn) -> None:
        sale = await new_sale(places=1, quantity=1)
        await Customer(sale.customer.client, sale.customer.db).order_at_once(sale.offer, 1, status=409)
        await sale.paid()
        await sale.ends("paid", taken=PRICE, tickets=1)


def told_of_return(sale: Sale) -> str:
    """The mail about money that went back."""
    (letter,) = (each for each in mails_about(sale.order) if "refunding your payment" in each["Subject"])
    return text_of(letter)
