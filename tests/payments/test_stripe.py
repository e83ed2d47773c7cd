"""What Stripe alone has: units of its own, debits that take days, disputes, what staff do at its dashboard."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from apps.payments.providers import NotUnderstood, PaymentRequest, ProviderRefused, provider_named
from apps.payments.stripe.currencies import AMOUNTS, from_stripe, to_stripe
from tests.journeys.customer import sql
from tests.payments.faults.conftest import Shop, new_sale, sale, shop
from tests.payments.faults.sale import Sale
from tests.payments.standins.schema import IS_THERE, problems_of
from tests.payments.standins.stripe import StripeStandIn

__all__ = ["new_sale", "sale", "shop"]
pytestmark = pytest.mark.anyio
NewSale = Callable[..., Awaitable[Sale]]


@pytest.fixture
def stand_in(shop: Shop) -> StripeStandIn:
    stripe = shop.stand_ins["stripe"]
    assert isinstance(stripe, StripeStandIn)
    stripe.line.mend()
    stripe.outbox.clear()
    return stripe


@pytest.mark.parametrize(
    ("ours", "currency", "theirs"),
    [(1999, "EUR", 1999), (500, "JPY", 500), (500, "ISK", 50_000), (1250, "RSD", 125_000), (5120, "KWD", 5120)],
)
def test_amounts_in_stripe_s_units(ours: int, currency: str, theirs: int) -> None:
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


def test_what_cannot_be_paid_by_stripe() -> None:
    taken = [(50, "EUR"), (50, "JPY"), (99_999_999, "USD"), (999_999, "ISK"), (5120, "KWD")]
    not_taken = [(49, "EUR"), (49, "JPY"), (10**8, "USD"), (10**6, "ISK"), (5124, "KWD"), (5000, "UGX"), (5000, "XAU")]
    can = provider_named("stripe").capabilities
    assert [each for each in taken if not can.takes(*each)] == []
    assert [each for each in not_taken if can.takes(*each)] == []
    assert all(amounts.least <= amounts.most for amounts in AMOUNTS.values())
    with pytest.raises(NotUnderstood):
        from_stripe(50_001, "ISK")


async def test_a_small_order_is_not_offered_to_stripe(new_sale: NewSale) -> None:
    sale = await new_sale(quantity=1, price=40)
    assert "stripe" not in [way["provider"] for way in sale.order["ways_to_pay"]]
    refused = await sale.start(status=422)
    assert refused["type"].endswith("provider-unfit")


async def test_ways_to_pay_have_names_in_the_reader_s_language(sale: Sale) -> None:
    assert sale.order["ways_to_pay"] == [
        {"provider": "demo", "name": "Demo Pay"},
        {"provider": "stripe", "name": "Card (Stripe)"},
        {"provider": "paypal", "name": "PayPal"},
    ]
    path = f"/api/v1/orders/{sale.order['number']}?key={sale.order['key']}&lang=ru"
    russian = (await sale.customer.client.get(path)).json()
    assert russian["ways_to_pay"][1]["name"] == "Банковская карта (Stripe)"


async def test_a_debit_is_paid_when_its_money_comes(sale: Sale, stand_in: StripeStandIn) -> None:
    started = await sale.start()
    await stand_in.pay_later(started["payment"])
    await sale.hear()
    await sale.ends("pending")
    await stand_in.pay_later(started["payment"])
    await sale.hear()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_a_debit_that_fails_is_told_and_paid_anew(sale: Sale, stand_in: StripeStandIn) -> None:
    started = await sale.start()
    await stand_in.pay_later(started["payment"])
    await stand_in.pay_later(started["payment"], succeeds=False)
    await sale.hear()
    assert "The payment did not go through" in await sale.page()
    assert (await sale.start())["payment"] != started["payment"]
    await sale.paid()
    assert await sale.payments() == ["cancelled", "confirmed"]
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_of_a_failed_debit_the_chase_finds_out(sale: Sale, stand_in: StripeStandIn) -> None:
    started = await sale.start()
    await stand_in.pay_later(started["payment"])
    await stand_in.pay_later(started["payment"], succeeds=False)
    stand_in.take()
    await sale.chase()
    assert await sale.payments() == ["cancelled"]


async def test_a_dispute_is_written_down_and_told_to_staff(sale: Sale, stand_in: StripeStandIn) -> None:
    started = await sale.paid()
    stand_in.dispute(started["payment"], "created")
    stand_in.dispute(started["payment"], "updated", status="under_review")
    await sale.hear()
    found = "SELECT state, amount, currency, reason FROM payment_dispute WHERE payment_id = :id"
    told = (sale.total, "EUR", "fraudulent")
    assert await sql(sale.customer.db, found, id=started["payment"]) == [("open", *told)]
    stand_in.dispute(started["payment"], "closed", status="lost")
    for call in reversed(stand_in.take()):
        await sale.send(call)
    await sale.customer.jobs()
    assert await sql(sale.customer.db, found, id=started["payment"]) == [("lost", *told)]
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_of_a_refund_at_the_dashboard_staff_are_told(sale: Sale, stand_in: StripeStandIn) -> None:
    """The books do not have it; the next refund of ours may then be too much for Stripe."""
    started = await sale.paid()
    stand_in.refund_at_dashboard(started["payment"], 1000)
    await sale.hear()
    intent = stand_in.session_of(started["payment"])["payment_intent"]
    found = "SELECT problem FROM webhook_event WHERE detail LIKE :told"
    assert await sql(sale.customer.db, found, told=f"%{intent}: 1000 EUR") == [("unknown_refund",)]
    await sale.refund()
    assert [state for _id, state in await sale.refunds()] == ["failed"]


async def test_what_is_another_shop_s_at_the_same_account_is_passed_over(sale: Sale, stand_in: StripeStandIn) -> None:
    started = await sale.paid()
    session = stand_in.session_of(started["payment"])
    session["metadata"] = stand_in._intent(session)["metadata"] = {}
    stand_in._tell("confirmed", "checkout.session.completed", session)
    stand_in._tell("failed", "payment_intent.payment_failed", {**stand_in._intent(session), "id": "pi_other"})
    before = await sql(sale.customer.db, "SELECT count(*) FROM webhook_event WHERE problem IS NOT NULL")
    await sale.hear()
    assert await sql(sale.customer.db, "SELECT count(*) FROM webhook_event WHERE problem IS NOT NULL") == before


async def test_a_page_lasts_longer_than_the_order_and_is_closed_with_it(sale: Sale, stand_in: StripeStandIn) -> None:
    started = await sale.start()
    found = await sale._sql("SELECT pay_until FROM orders WHERE number = :number")
    ends = await sql(sale.customer.db, "SELECT expires_at FROM payment WHERE id = :id", id=started["payment"])
    assert ends[0].expires_at - found[0].pay_until == timedelta(minutes=31)
    await sale.overdue()
    assert stand_in.session_of(started["payment"])["status"] == "expired"


async def test_another_request_by_the_same_key_is_refused(stand_in: StripeStandIn) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    address = "http://shop.test/"
    asked = {"currency": "EUR", "description": "x", "return_url": address, "cancel_url": address, "locale": "ru"}
    id = uuid4()
    first = await provider_named("stripe").start(PaymentRequest(id, 900, expires_at=ends, **asked))
    again = await provider_named("stripe").start(PaymentRequest(id, 900, expires_at=ends, **asked))
    assert first == again
    with pytest.raises(ProviderRefused):
        await provider_named("stripe").start(PaymentRequest(id, 901, expires_at=ends, **asked))


@pytest.mark.skipif(not IS_THERE, reason="stripe-openapi-subset.json is not in ../shared/data")
async def test_the_stand_in_knows_what_stripe_does_not_take(stand_in: StripeStandIn) -> None:
    assert problems_of("POST", "/v1/refunds", {"payment_intent": "pi_1", "amount": "100"}) == []
    assert problems_of("POST", "/v1/refunds", {"amount": "much"}) != []
    assert problems_of("POST", "/v1/checkout/sessions", {"mode": "gift", "success_url": "x"}) != []
    assert problems_of("POST", "/v1/refunds", {"order": "1"}) != []
    assert problems_of("GET", "/v1/orders", {}) != []
