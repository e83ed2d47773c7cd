"""The provider's own list beside our books."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from apps.payments.providers import NoTransactions
from apps.payments.reconciliation.look_again import look_again
from apps.payments.reconciliation.models import Difference
from apps.payments.reconciliation.services import Reconciled, reconcile
from tests.payments.faults.conftest import Shop
from tests.payments.faults.sale import Sale
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio


async def reconciled(shop: Shop, name: str) -> Reconciled:
    now = datetime.now(UTC)
    return await reconcile(shop.db, name, now - timedelta(hours=1), now + timedelta(hours=1))


async def differences(shop: Shop, payment: str) -> list[tuple]:
    """What is said of a payment that does not agree: problem, here, there."""
    async with shop.db.begin() as session:
        found = await session.scalars(select(Difference).where(Difference.payment_id == payment))
        return [(each.problem, each.here, each.there) for each in found if each.gone_at is None]


async def look_at_all(shop: Shop, payment: str) -> None:
    async with shop.db.begin() as session:
        ids = list(await session.scalars(select(Difference.id).where(Difference.payment_id == payment)))
    for id in ids:
        await look_again(shop.db, id)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one, whatever the case."""
    for name in ("demo", "stripe", "paypal", "yookassa"):
        monkeypatch.setattr(f"apps.payments.{name}.transactions.PAGE", 1)


async def test_what_was_paid_and_sent_back_agrees(sale: Sale, shop: Shop, stand_in: StandIn) -> None:
    started = await sale.paid()
    await sale.refund(1000)
    await sale.hear()
    await sale.refund(500)
    await sale.hear()
    result = await reconciled(shop, stand_in.name)
    assert result.here == result.there
    assert result.here[stand_in.currency] >= sale.total - 1500 > 0
    assert result.transactions >= 3
    assert await differences(shop, started["payment"]) == []


async def test_money_that_we_never_heard_of(sale: Sale, shop: Shop, stand_in: StandIn) -> None:
    started = await sale.started_then_charged()
    stand_in.outbox.clear()
    result = await reconciled(shop, stand_in.name)
    assert result.there[stand_in.currency] - result.here[stand_in.currency] == sale.total
    assert await differences(shop, started["payment"]) == [("missing_here", None, sale.total)]
    await look_at_all(shop, started["payment"])
    await sale.customer.jobs()
    assert await differences(shop, started["payment"]) == []
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_money_that_the_provider_does_not_have(sale: Sale, shop: Shop, stand_in: StandIn) -> None:
    started = await sale.paid()
    await stand_in.forget(started["payment"])
    for _ in range(2):
        result = await reconciled(shop, stand_in.name)
        assert result.here[stand_in.currency] - result.there[stand_in.currency] == sale.total
        assert await differences(shop, started["payment"]) == [("missing_there", sale.total, None)]


async def test_a_refund_that_went_wrong_behind_our_back(sale: Sale, shop: Shop, stand_in: StandIn) -> None:
    """Its webhook is lost; asked again, the provider says so."""
    started = await sale.paid()
    await sale.refund(1000)
    ((refund, _state),) = await sale.refunds()
    stand_in.outbox.clear()
    await sale.tell("refunded", started["payment"], refund=refund)
    await stand_in.event("refund_failed", started["payment"], refund=refund)
    await reconciled(shop, stand_in.name)
    expected = [] if stand_in.name == "demo" else [("missing_there", 1000, None)]
    assert await differences(shop, started["payment"]) == expected


async def test_who_has_no_list_says_so(shop: Shop) -> None:
    with pytest.raises(NoTransactions):
        await reconciled(shop, "bank_transfer")
