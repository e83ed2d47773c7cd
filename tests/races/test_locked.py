"""What others keep locked holds up nobody else, and nobody for longer than the checkout queue has patience."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from apps.checkout.queue.checkout_queue import CheckoutQueue, open_checkout_queue
from apps.core.db import batching
from apps.core.db.database import IN_CHECKOUT, Database
from apps.core.errors import Busy
from apps.inventory.release import release_expired
from project.settings import settings
from tests.factories import make_shirt
from tests.journeys.customer import Customer, age_holds, reserved
from tests.kernel.books import mistakes
from tests.kernel.processes import standing_in_the_way
from tests.races.stampede import adding, cart_of, make_offer, placing

pytestmark = pytest.mark.anyio
EMAIL, NETWORK = "mine@example.org", 77
LOCKS = {
    "pool": "SELECT 1 FROM pool JOIN offer_pool ON pool_id = pool.id WHERE offer_id = '{offer}' FOR UPDATE OF pool",
    "cart": "SELECT 1 FROM cart WHERE id = '{cart}' FOR UPDATE",
    "holds": "SELECT 1 FROM hold WHERE owner_id = '{cart}' FOR UPDATE",
    "offer that is not counted": "SELECT 1 FROM offer WHERE id = '{uncounted}' FOR UPDATE",
    "customer": f"SELECT pg_advisory_xact_lock(hashtextextended('{EMAIL}', 0))",
    "network": f"SELECT pg_advisory_xact_lock({NETWORK})",
}


@pytest.fixture
async def queue(db: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CheckoutQueue]:
    monkeypatch.setattr(batching, "PATIENCE", 2.5)
    checkout_db = Database(db.url, pool_size=1, patience=IN_CHECKOUT)
    yield open_checkout_queue(checkout_db)
    await checkout_db.close()


async def make_uncounted(db: Database) -> UUID:
    async with db.begin() as session:
        return (await make_shirt(session, stock=None, ships=False)).id


@pytest.mark.parametrize("lock", LOCKS)
async def test_others_are_served_meanwhile(db: Database, queue: CheckoutQueue, lock: str) -> None:
    offer, uncounted, other = await make_offer(db, 9), await make_uncounted(db), await make_offer(db, 9)
    cart = cart_of(await queue.submit(adding(offer, 2, network=NETWORK)))
    await queue.submit(adding(uncounted, cart=cart, network=NETWORK))
    placed = placing(cart=cart, email=EMAIL, network=NETWORK)
    mine = adding(offer, cart=cart, network=NETWORK) if lock == "pool" else placed  # a held place asks no pool
    async with standing_in_the_way(db, LOCKS[lock].format(offer=offer, uncounted=uncounted, cart=cart)):
        waiting = asyncio.create_task(queue.submit(mine))
        await asyncio.sleep(0)
        for _ in range(3):  # the first of them waits with it; then it is known that something is locked
            answers = await asyncio.gather(*(queue.submit(placing((other, 1), email=f"{n}@b.org")) for n in range(3)))
            assert {each.status for each in answers} == {201}
        assert not waiting.done()
        with pytest.raises(Busy):
            await waiting
    assert (await queue.submit(mine)).status == 201
    assert await reserved(db, other) == [9]
    assert await mistakes(db, done=False) == []


async def test_who_waits_is_served_once_it_is_free(db: Database, queue: CheckoutQueue) -> None:
    offer = await make_offer(db, 9)
    async with standing_in_the_way(db, LOCKS["pool"].format(offer=offer)):
        waiting = [asyncio.create_task(queue.submit(placing((offer, 1), email=f"{n}@b.org"))) for n in range(3)]
        await queue.submit(placing((await make_offer(db, 1), 1)))
    assert {each.status for each in await asyncio.gather(*waiting)} == {201}


async def test_what_ran_out_elsewhere_is_free_meanwhile(db: Database, queue: CheckoutQueue) -> None:
    locked, free = await make_offer(db, 9), await make_offer(db, 9)
    for offer in (locked, free):
        await queue.submit(adding(offer))
    await age_holds(db, 60)
    async with standing_in_the_way(db, LOCKS["pool"].format(offer=locked)), db.transaction() as connection:
        assert await release_expired(connection) == 1
    assert (await reserved(db, locked), await reserved(db, free)) == ([1], [0])


async def test_what_is_said_of_it(db: Database, server: None, customer: Customer) -> None:
    locked, free = await make_offer(db, 9), await make_offer(db, 9)
    at_once = {"email": EMAIL, "lines": [{"offer": str(locked), "quantity": 1}]}
    async with (
        standing_in_the_way(db, LOCKS["pool"].format(offer=locked)),
        httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False) as client,
    ):
        waiting = asyncio.create_task(client.post("/api/v1/checkout", json=at_once))
        await customer.order_at_once(free)
        refused = await waiting
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.json()["type"] == "urn:backline:problem:busy"
    await customer.order_at_once(locked)
