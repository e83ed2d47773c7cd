"""What YooKassa alone has: notifications that are believed when it says the same, pages that stay open, SBP's hour."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from apps.payments.models import Failure
from apps.payments.providers import NotUnderstood, PaymentRequest, ProviderDown, provider_named
from apps.payments.yookassa import reports
from apps.payments.yookassa.provider import YooKassaProvider
from apps.payments.yookassa.settings import YooKassaSettings
from project.settings import SettingsError, settings
from tests.journeys.chromium import BROWSER, tab
from tests.journeys.customer import sql
from tests.payments.faults.conftest import Shop, new_sale, sale, shop
from tests.payments.faults.sale import Sale
from tests.payments.standins.line import down
from tests.payments.standins.stand_in import Call
from tests.payments.standins.yookassa import YooKassaStandIn

__all__ = ["new_sale", "sale", "shop"]
pytestmark = pytest.mark.anyio
NewSale = Callable[..., Awaitable[Sale]]


@pytest.fixture
def stand_in(shop: Shop) -> YooKassaStandIn:
    yookassa = shop.stand_ins["yookassa"]
    assert isinstance(yookassa, YooKassaStandIn)
    yookassa.line.mend()
    yookassa.outbox.clear()
    return yookassa


def saying_paid(stand_in: YooKassaStandIn, payment: str, **lies: object) -> Call:
    told = stand_in.payment_of(payment) | {"status": "succeeded", "paid": True, **lies}
    return stand_in.notification("confirmed", "payment.succeeded", told)


async def stored(sale: Sale) -> int:
    return int((await sql(sale.customer.db, "SELECT count(*) FROM webhook_event"))[0].count)


class TestForgedNotifications:
    async def test_from_a_foreign_address_nobody_is_even_asked(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        started = await sale.start()
        await stand_in.pay(started["pay_url"])
        (call,) = stand_in.take()
        stand_in.line.mend()
        before = await stored(sale)
        for headers in (stand_in.signed(b"", by="other"), {}, {"X-Forwarded-For": "185.71.76.32"}):
            await sale.send(replace(call, headers=headers), status=401)
        assert stand_in.line.asked == []
        assert await stored(sale) == before
        await sale.ends("pending", theirs=sale.total)

    async def test_of_money_that_never_came(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        started = await sale.start()
        await sale.send(saying_paid(stand_in, started["payment"]))
        await sale.customer.jobs()
        assert await sale.payments() == ["pending"]
        await sale.ends("pending")

    async def test_what_is_believed_and_stored_is_what_yookassa_says(
        self, sale: Sale, stand_in: YooKassaStandIn
    ) -> None:
        started = await sale.started_then_paid()
        stand_in.take()
        lie = {"amount": {"value": "1.00", "currency": "RUB"}, "metadata": {"payment_id": str(uuid4())}}
        await sale.send(saying_paid(stand_in, started["payment"], description="<lie>", **lie))
        await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, tickets=2)
        found = "SELECT payload FROM webhook_event WHERE event_id = :id"
        id = stand_in.payment_of(started["payment"])["id"]
        ((payload,),) = await sql(sale.customer.db, found, id=f"{id}:succeeded")
        assert payload["payment"]["amount"] == {"value": "60.00", "currency": "RUB"}
        assert "<lie>" not in str(payload)

    async def test_of_a_payment_that_yookassa_does_not_have(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        started = await sale.start()
        before = await stored(sale)
        for id in (str(uuid4()), "../refunds", "x" * 65, f"{uuid4()}/cancel", ""):
            await sale.send(saying_paid(stand_in, started["payment"], id=id), status=401)
        assert await stored(sale) == before

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"event":7}', b"[" * 5000, b'{"object":{"id":"a"}}'])
    async def test_that_name_nothing_to_ask_about(self, sale: Sale, stand_in: YooKassaStandIn, body: bytes) -> None:
        before = await stored(sale)
        await sale.send(Call("odd", stand_in.signed(body), body), status=401)
        assert await stored(sale) == before


class TestNotifications:
    async def test_one_of_something_else_is_taken_and_forgotten(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        before = await stored(sale)
        await sale.send(stand_in.notification("other", "payout.succeeded", {"id": str(uuid4())}))
        assert await stored(sale) == before

    async def test_a_day_later_it_says_nothing_new(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        await sale.started_then_paid()
        (call,) = stand_in.take()
        await sale.send(call)
        await sale.refund()
        await sale.send(call)
        await sale.hear()
        await sale.ends("refunded", taken=sale.total, sent=sale.total)

    async def test_while_yookassa_cannot_be_asked_it_has_to_come_again(
        self, sale: Sale, stand_in: YooKassaStandIn
    ) -> None:
        await sale.started_then_paid()
        (call,) = stand_in.take()
        stand_in.line.next(down)
        await sale.send(call, status=503)
        await sale.ends("pending", theirs=sale.total)
        await sale.send(call)
        await sale.customer.jobs()
        await sale.ends("paid", taken=sale.total, tickets=2)

    async def test_of_another_site_at_the_same_shop_it_is_passed_over(
        self, sale: Sale, stand_in: YooKassaStandIn
    ) -> None:
        started = await sale.started_then_paid()
        stand_in.payment_of(started["payment"])["metadata"] = {"payment_id": ""}
        await sale.hear()
        await sale.ends("pending")


class TestPagesThatStayOpen:
    async def test_what_is_paid_after_cancelling_goes_back(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        started = await sale.start()
        await sale.cancel()
        assert await sale.payments() == ["cancelled"]
        assert await stand_in.pay(started["pay_url"]) == 303
        await sale.hear()
        await sale.ends("cancelled", taken=sale.total, sent=sale.total)

    async def test_without_a_notification_it_is_found_when_the_hour_is_over(
        self, sale: Sale, stand_in: YooKassaStandIn
    ) -> None:
        started = await sale.start()
        await sale.cancel()
        await stand_in.pay(started["pay_url"])
        stand_in.take()
        await sale.jobs_again()
        await sale.ends("cancelled", theirs=sale.total)
        late = "UPDATE payment SET expires_at = expires_at - interval '66 minutes' WHERE id = :id"
        await sql(sale.customer.db, late, id=started["payment"])
        await sale.jobs_again()
        await sale.jobs_again()
        await sale.ends("cancelled", taken=sale.total, sent=sale.total)

    async def test_held_money_is_let_go(self, sale: Sale, stand_in: YooKassaStandIn) -> None:
        started = await sale.start()
        stand_in.hold(started["payment"])
        await sale.hear()
        assert await sale.payments() == ["pending"]
        await sale.cancel()
        assert stand_in.payment_of(started["payment"])["status"] == "canceled"
        await sale.ends("cancelled")


async def test_a_refund_at_the_dashboard_is_told_to_staff(sale: Sale, stand_in: YooKassaStandIn) -> None:
    started = await sale.paid()
    stand_in.refund_at_dashboard(started["payment"], 1000)
    await sale.hear()
    id = stand_in.payment_of(started["payment"])["id"]
    found = "SELECT problem FROM webhook_event WHERE detail LIKE :told"
    assert await sql(sale.customer.db, found, told=f"%{id}: 1000 RUB") == [("unknown_refund",)]
    await sale.refund()
    assert [state for _id, state in await sale.refunds()] == ["failed"]


async def test_of_a_refund_that_yookassa_gives_up_the_chase_finds_out(
    sale: Sale, stand_in: YooKassaStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in, "refund_status", "pending")
    await sale.paid()
    await sale.refund(1000)
    ((id, state),) = await sale.refunds()
    assert state == "in_transit"
    await stand_in.event("refund_failed", "", refund=id)
    await sale.chase()
    assert await sale.refunds() == [(id, "failed")]
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_only_roubles_are_paid_by_it(new_sale: NewSale) -> None:
    can = provider_named("yookassa").capabilities
    assert [each for each in (99, 100, 70_000_000, 70_000_001) if can.takes(each, "RUB")] == [100, 70_000_000]
    assert not can.takes(1000, "EUR")
    sale = await new_sale()
    path = f"/api/v1/orders/{sale.order['number']}?key={sale.order['key']}&lang=ru"
    ways = (await sale.customer.client.get(path)).json()["ways_to_pay"]
    assert ways[-1] == {"provider": "yookassa", "name": "Банковская карта или СБП (ЮKassa)"}


@pytest.mark.skipif(BROWSER is None, reason="there is no chromium")
async def test_to_its_page_and_back_in_a_browser(sale: Sale, stand_in: YooKassaStandIn, tmp_path: Path) -> None:
    async with tab(sale.order["url"], tmp_path) as page:
        await page.lead_on("document.querySelector('button[value=yookassa]').click()")
        assert await page.run("return document.querySelector('h1').textContent") == "YooKassa"
        await page.lead_on("document.querySelector('button').click()")
        assert "Paid. Thank you!" in await page.run("return document.body.textContent")
    await sale.hear()
    await sale.ends("paid", taken=sale.total, tickets=2)


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        ("insufficient_funds", Failure.insufficient_funds),
        ("card_expired", Failure.expired_card),
        ("3d_secure_failed", Failure.not_authenticated),
        ("general_decline", Failure.declined),
        ("internal_timeout", Failure.other),
        ("expired_on_confirmation", None),
    ],
)
def test_why_it_was_not_paid(reason: str, failure: Failure | None) -> None:
    told = {"id": "a", "status": "canceled", "amount": {"value": "1.00", "currency": "RUB"}}
    told |= {"metadata": {"payment_id": str(uuid4())}, "cancellation_details": {"party": "x", "reason": reason}}
    report = reports.payment_report(msgspec.convert(told, reports.Payment))
    assert report is not None
    assert report.failure is failure


def test_amounts_as_yookassa_writes_them() -> None:
    assert reports.to_yookassa(6005, "RUB") == reports.Amount("60.05", "RUB")
    assert reports.from_yookassa(reports.Amount("60.05", "RUB")) == 6005
    with pytest.raises(NotUnderstood):
        reports.from_yookassa(reports.Amount("60.005", "RUB"))


async def test_a_key_that_is_not_right_may_be_mended(stand_in: YooKassaStandIn) -> None:
    config = YooKassaSettings(shop_id="100500", secret_key="test_other", api_url=stand_in.line.url)
    provider = YooKassaProvider(config)
    end = datetime.now(UTC) + timedelta(hours=1)
    request = PaymentRequest(uuid4(), 100, "RUB", "The Band " * 30, "https://a", "https://b", end, "en")
    with pytest.raises(ProviderDown):
        await provider.start(request)
    await provider.disconnect()
    assert (await provider_named("yookassa").start(request)).pay_url.startswith(stand_in.line.url)


def test_networks_that_are_none_are_named() -> None:
    given = settings.provider_variables | {"YOOKASSA_NETWORKS": "185.71.76.0/27 here"}
    with pytest.raises(SettingsError, match=r"^YOOKASSA_NETWORKS:"):
        msgspec.structs.replace(settings, provider_variables=given).of_provider("yookassa", YooKassaSettings)
