"""One app and one stand-in of each provider for all cases of a module; each case has an order of its own."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from msgspec.structs import force_setattr

from apps.core.db.database import Database
from apps.orders.models import OfferPrice
from project.settings import settings
from project.web.security_headers import headers_of
from tests.conformance import check_answer
from tests.conftest import WORKER, recreate, url_of
from tests.factories import make_tickets
from tests.journeys.conftest import serving
from tests.journeys.customer import MAILS, Customer
from tests.payments.faults.sale import PRICE, Sale
from tests.payments.standins.demo import DemoStandIn
from tests.payments.standins.paypal import PayPalStandIn
from tests.payments.standins.stand_in import StandIn
from tests.payments.standins.stripe import StripeStandIn
from tests.payments.standins.yookassa import YooKassaStandIn
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

STAND_INS: Sequence[type[StandIn]] = (DemoStandIn, StripeStandIn, PayPalStandIn, YooKassaStandIn)
"""A provider whose stand-in is added here has to pass all cases."""
PROVIDERS = [each.name for each in STAND_INS]


@dataclass
class Shop:
    client: httpx.AsyncClient
    db: Database
    staff: StaffApi
    stand_ins: Mapping[str, StandIn]


@pytest.fixture(scope="module")
async def shop(postgres: str, template: str) -> AsyncIterator[Shop]:
    name = f"backline_faults_{WORKER}"
    await recreate(postgres, name, template=template)
    shutil.rmtree(MAILS, ignore_errors=True)
    db, hooks = Database(url_of(postgres, name)), {"response": [check_answer]}
    force_setattr(settings, "payment_providers", " ".join(PROVIDERS))
    force_setattr(settings, "trusted_proxies", "127.0.0.1")
    headers_of.cache_clear()
    stand_ins = {each.name: each(db) for each in STAND_INS}
    client = httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False, event_hooks=hooks)
    async with serving(db.url), AsyncExitStack() as running, client:
        for each in stand_ins.values():
            await running.enter_async_context(each.running())
        staff = StaffApi(client, await signed_in_as(db, "manager"))
        yield Shop(client, db, staff, stand_ins)
    force_setattr(settings, "payment_providers", "demo")
    force_setattr(settings, "trusted_proxies", "")
    headers_of.cache_clear()
    await db.close()


@pytest.fixture(params=PROVIDERS)
async def stand_in(shop: Shop, request: pytest.FixtureRequest) -> AsyncIterator[StandIn]:
    chosen = shop.stand_ins[request.param]
    for each in shop.stand_ins.values():
        each.line.mend()
        each.outbox.clear()
        each.problems.clear()
    yield chosen
    assert [problem for each in shop.stand_ins.values() for problem in each.problems] == []


@pytest.fixture
def other(shop: Shop, stand_in: StandIn) -> StandIn:
    """Another provider than the one that the case is about."""
    return next(each for name, each in shop.stand_ins.items() if name != stand_in.name)


@pytest.fixture
def new_sale(shop: Shop, stand_in: StandIn) -> Callable[..., Awaitable[Sale]]:
    async def made(*, places: int = 2, quantity: int = 2, price: int = PRICE) -> Sale:
        async with shop.db.begin() as session:
            ticket = await make_tickets(session, places, price=price)
            if stand_in.currency != "EUR":
                ticket.prices.append(OfferPrice(currency=stand_in.currency, amount=price))
            offer = ticket.id
        customer = Customer(shop.client, shop.db)
        order = await customer.order_at_once(offer, quantity, currency=stand_in.currency)
        return Sale(customer, stand_in, shop.staff, offer, order)

    return made


@pytest.fixture
async def sale(new_sale: Callable[..., Awaitable[Sale]]) -> Sale:
    return await new_sale()
