"""What PayPal alone has: money that is taken after the fan's yes, tokens, eChecks, orders that nobody can close."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from apps.payments.paypal.currencies import AMOUNTS, from_paypal, to_paypal
from apps.payments.providers import NotUnderstood, ProviderDown, provider_named
from tests.journeys.customer import sql
from tests.payments.faults.conftest import Shop, new_sale, sale, shop
from tests.payments.faults.sale import Sale
from tests.payments.standins.line import meanwhile, status
from tests.payments.standins.paypal import PAGE, PayPalStandIn
from tests.payments.standins.paypal_schema import IS_THERE, problems_of_request

__all__ = ["new_sale", "sale", "shop"]
pytestmark = pytest.mark.anyio
NewSale = Callable[..., Awaitable[Sale]]


@pytest.fixture
def stand_in(shop: Shop) -> PayPalStandIn:
    paypal = shop.stand_ins["paypal"]
    assert isinstance(paypal, PayPalStandIn)
    paypal.line.mend()
    paypal.outbox.clear()
    paypal.capture_status = paypal.refund_status = "COMPLETED"
    paypal.token_fault = None
    return paypal


def asked_for(stand_in: PayPalStandIn, end: str) -> list[str]:
    """The request ids of the calls to addresses that end so."""
    return [each.headers.get("paypal-request-id", "") for each in stand_in.line.asked if each.path.endswith(end)]


@pytest.mark.parametrize(
    ("ours", "currency", "theirs"),
    [(1999, "EUR", "19.99"), (5, "EUR", "0.05"), (500, "JPY", "500"), (50_000, "HUF", "500"), (99_900, "TWD", "999")],
)
def test_amounts_are_decimal_numbers(ours: int, currency: str, theirs: str) -> None:
    assert to_paypal(ours, currency) == theirs
    assert from_paypal(theirs, currency) == ours


def test_what_cannot_be_paid_by_paypal() -> None:
    can = provider_named("paypal").capabilities
    assert [each for each in [(1, "EUR"), (1, "JPY"), (500, "HUF"), (100, "TWD")] if not can.takes(*each)] == []
    refused = [(0, "EUR"), (550, "HUF"), (101, "TWD"), (10_000, "RUB"), (5120, "KWD")]
    assert [each for each in refused if can.takes(*each)] == []
    assert "RUB" not in AMOUNTS
    for odd in ("1.005", "NaN", "Infinity", "1e30", "much"):
        with pytest.raises(NotUnderstood):
            from_paypal(odd, "EUR")


async def test_the_order_says_what_paypal_is_to_show(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    order = stand_in.order_of(started["payment"])
    page = order["_page"]
    assert started["pay_url"] == f"{stand_in.line.url}{PAGE}?token={order['id']}"
    assert (page["user_action"], page["shipping_preference"], page["locale"]) == ("PAY_NOW", "NO_SHIPPING", "en-US")
    assert page["brand_name"] == "The Band"
    assert order["purchase_units"][0]["amount"] == {"currency_code": "EUR", "value": "60.00"}
    assert asked_for(stand_in, "/orders") == [started["payment"]]


async def test_an_order_s_page_lets_browsers_go_to_paypal(sale: Sale, stand_in: PayPalStandIn) -> None:
    path = f"/orders/{sale.order['number']}?key={sale.order['key']}"
    policy = (await sale.customer.client.get(path)).headers["content-security-policy"]
    (forms,) = [each for each in policy.split(";") if each.strip().startswith("form-action")]
    assert stand_in.line.url in forms


async def test_back_in_the_shop_the_money_is_taken_once(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    await stand_in.pay(started["pay_url"])
    assert await stand_in.books(started["payment"]) == (0, 0)
    await sale.come_back()
    await sale.ends("paid", taken=sale.total, tickets=2)
    await sale.hear()
    assert len(asked_for(stand_in, "/capture")) == 1


async def test_who_never_comes_back_has_paid_by_the_webhook(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    await stand_in.pay(started["pay_url"])
    await sale.hear("approved")
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_taken_by_two_at_once_it_is_one_capture(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    await stand_in.pay(started["pay_url"])
    await asyncio.gather(sale.come_back(), sale.come_back(), sale.hear("approved"))
    await sale.hear()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_after_the_end_what_was_agreed_to_is_left_alone(sale: Sale, stand_in: PayPalStandIn) -> None:
    """The fan's yes and the end of the time to pay: no money is taken, and no later word of it takes any."""
    started = await sale.start()
    await stand_in.pay(started["pay_url"])
    await sale.overdue()
    await sale.hear()
    await sale.come_back()
    await sale.chase()
    assert asked_for(stand_in, "/capture") == []
    await sale.ends("expired")


async def test_an_order_that_paypal_has_forgotten_is_over(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    await stand_in.expire(started["payment"])
    stand_in.take()
    await sale.chase()
    assert await sale.payments() == ["cancelled"]
    await sale.paid()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_a_declined_card_is_told_until_the_fan_agrees_anew(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    await stand_in.decline(started["pay_url"])
    await sale.come_back()
    assert "The bank declined the card" in await sale.page()
    await sale.chase()
    assert await sale.payments() == ["failed"]
    assert (await sale.start())["pay_url"] == started["pay_url"]
    await stand_in.pay(started["pay_url"])
    await sale.come_back()
    await sale.ends("paid", taken=sale.total, tickets=2)
    first, second = asked_for(stand_in, "/capture")
    assert first != second


@pytest.mark.parametrize(("status", "state"), [("COMPLETED", "confirmed"), ("DECLINED", "cancelled")])
async def test_an_echeck_is_waited_for(sale: Sale, stand_in: PayPalStandIn, status: str, state: str) -> None:
    stand_in.capture_status = "PENDING"
    started = await sale.started_then_paid()
    await sale.come_back()
    await sale.hear()
    await sale.overdue()
    await sale.ends("pending")
    stand_in.settle(started["payment"], status)
    await sale.hear()
    assert await sale.payments() == [state]


async def test_a_refund_that_takes_days_is_found_by_asking(sale: Sale, stand_in: PayPalStandIn) -> None:
    await sale.paid()
    stand_in.refund_status = "PENDING"
    await sale.refund(1000)
    assert [state for _id, state in await sale.refunds()] == ["in_transit"]
    next(reversed(stand_in.refunds.values()))["status"] = "COMPLETED"
    stand_in.take()
    await sale.chase()
    assert [state for _id, state in await sale.refunds()] == ["done"]
    await sale.ends("paid", taken=sale.total, sent=1000, tickets=2)


@pytest.mark.parametrize("event", ["PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED"])
async def test_of_money_that_went_back_past_us_staff_are_told(sale: Sale, stand_in: PayPalStandIn, event: str) -> None:
    started = await sale.paid()
    stand_in.refund_at_paypal(started["payment"], "10.00", event=event)
    await sale.hear()
    (unit,) = stand_in.order_of(started["payment"])["purchase_units"]
    told = f"%{unit['payments']['captures'][0]['id']}: 1000 EUR"
    found = "SELECT problem FROM webhook_event WHERE detail LIKE :told"
    assert await sql(sale.customer.db, found, told=told) == [("unknown_refund",)]


async def test_a_dispute_is_written_down_with_its_end(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.paid()
    found = "SELECT state, amount, currency, reason FROM payment_dispute WHERE payment_id = :id"
    told = (sale.total, "EUR", "UNAUTHORISED")
    stand_in.dispute(started["payment"], "CREATED")
    await sale.hear()
    assert await sql(sale.customer.db, found, id=started["payment"]) == [("open", *told)]
    stand_in.dispute(started["payment"], "RESOLVED", status="RESOLVED", outcome="RESOLVED_BUYER_FAVOUR")
    await sale.hear()
    assert await sql(sale.customer.db, found, id=started["payment"]) == [("lost", *told)]


async def test_a_token_serves_all_until_it_is_refused(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    before = len(stand_in.tokens)
    stand_in.tokens.append("of another process")
    reference = stand_in.order_of(started["payment"])["id"]
    await asyncio.gather(*(provider_named("paypal").fetch(reference) for _ in range(5)))
    assert len(stand_in.tokens) == before + 2


async def test_a_key_that_is_not_right_is_no_answer_about_the_payment(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    stand_in.tokens.append("of another process")
    stand_in.token_fault = status(401)
    with pytest.raises(ProviderDown):
        await provider_named("paypal").fetch(stand_in.order_of(started["payment"])["id"])
    stand_in.token_fault = None
    await sale.paid()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_while_nobody_can_say_whose_a_call_is_it_is_sent_again(sale: Sale, stand_in: PayPalStandIn) -> None:
    await sale.started_then_paid()
    (call,) = stand_in.take("approved")
    stand_in.line.next(status(500))
    await sale.send(call, status=503)
    await sale.send(call)
    await sale.customer.jobs()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_a_body_cannot_speak_for_the_question_that_it_is_put_into(sale: Sale, stand_in: PayPalStandIn) -> None:
    await sale.started_then_paid()
    (call,) = stand_in.take("approved")
    for body in (b'{},"webhook_id":"another"', b'{}}{"a":{}', call.body + b',"a":1', b'"text"', b"[{}]"):
        stand_in.line.mend()
        await sale.send(type(call)("odd", call.headers, body), status=401)
        assert stand_in.line.asked == []


async def test_taken_by_another_meanwhile_is_taken(sale: Sale, stand_in: PayPalStandIn) -> None:
    started = await sale.start()
    await stand_in.pay(started["pay_url"])
    order = stand_in.order_of(started["payment"])

    async def take() -> None:
        stand_in._capture(order)

    stand_in.line.next(meanwhile(take))
    await sale.come_back()
    await sale.ends("paid", taken=sale.total, tickets=2)


@pytest.mark.skipif(not IS_THERE, reason="paypal-orders-v2.json is not in ../shared/data")
def test_the_stand_in_knows_what_paypal_does_not_take() -> None:
    unit = {"amount": {"currency_code": "EUR", "value": "1.00"}}
    assert problems_of_request("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [unit]}) == []
    assert problems_of_request("/v2/checkout/orders", {"intent": "TAKE", "purchase_units": [unit]}) != []
    assert problems_of_request("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": []}) != []
    assert problems_of_request("/v2/checkout/orders/5O190127TN364715T/capture", {"amount": "1"}) != []
