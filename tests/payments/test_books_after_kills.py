"""A sample of `manage.py bench books-kill`: after kill -9 amid payments the books have the provider's sums."""

import asyncio
from uuid import UUID

import pytest

from apps.core.db.database import Database
from benchmarks.books_kill import BOOKS, KillingProvider
from tests.factories import make_tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, sql
from tests.kernel.books import mistakes

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
KILLS, ORDERS = 30, 60
PAST_ORDERS = "each refund of the order's payment is written down"
"""Here money goes back without the order being asked."""


async def test_the_sums_are_the_providers(db: Database, customer: Customer) -> None:
    async with db.begin() as session:
        offer = (await make_tickets(session, 2 * ORDERS)).id
    amounts = {}
    for _ in range(ORDERS):
        order = await customer.order_at_once(offer, 1)
        amounts[UUID((await customer.start_payment(order))["payment"])] = order["total"]
    provider = KillingProvider(db.url, amounts)
    await asyncio.to_thread(provider.kill, KILLS)
    await asyncio.to_thread(provider.finish)
    assert provider.kills == KILLS
    assert provider.amid > KILLS / 3
    assert provider.refunded
    assert [tuple(row) for row in await sql(db, BOOKS)] == [tuple(provider.sums)]
    wrong = [each for each in await mistakes(db, done=False) if not each.startswith(PAST_ORDERS)]
    assert wrong == []
