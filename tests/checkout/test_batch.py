"""Commands of one batch see what those before them did: decided in their order, written at once."""

import asyncio
import json
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from apps.checkout.queue.cart import MOST_LINES, CartFull
from apps.checkout.queue.checkout_queue import CheckoutQueue, execute, execute_unlocked, open_checkout_queue
from apps.checkout.queue.commands import ChangeLine, Command
from apps.checkout.queue.sale_rules import CustomerLimit, SoldOut
from apps.core.db.database import BY_KEYS, Database
from apps.core.http.idempotency import KeyReused, RequestKey, StoredResponse
from apps.orders.quote import STANDARD
from tests.factories import make_pool, make_ticket_type, make_tickets
from tests.journeys.customer import reserved, sql
from tests.kernel.books import mistakes
from tests.races.stampede import adding, cart_of, make_offer, new_key, placing

READ_TO_THE_END = text("SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
pytestmark = pytest.mark.anyio


@pytest.fixture
def queue(db: Database) -> CheckoutQueue:
    return open_checkout_queue(db)


async def one_batch(queue: CheckoutQueue, *commands: Command) -> list[StoredResponse | BaseException]:
    return await asyncio.gather(*(queue.submit(command) for command in commands), return_exceptions=True)


async def test_first_come_first_served(db: Database, queue: CheckoutQueue) -> None:
    offer = await make_offer(db, 3)
    first, second, third = await one_batch(queue, placing((offer, 2)), placing((offer, 2)), placing((offer, 1)))
    assert (first.status, third.status, type(second)) == (201, 201, SoldOut)
    assert second.details["left"] == 1
    assert await reserved(db, offer) == [3]


async def test_what_one_lets_go_the_next_may_take(db: Database, queue: CheckoutQueue) -> None:
    offer = await make_offer(db, 1)
    held = await queue.submit(adding(offer))
    line = UUID(json.loads(held.body)["lines"][0]["id"])
    outcomes = await one_batch(queue, ChangeLine(new_key(), cart_of(held), line, 0, "en", None), placing((offer, 1)))
    assert [each.status for each in outcomes] == [200, 201]
    assert await reserved(db, offer) == [1]


async def test_what_is_added_before_the_cart_is_placed_is_in_the_order(db: Database, queue: CheckoutQueue) -> None:
    offer, other = await make_offer(db, 5), await make_offer(db, 5)
    cart = cart_of(await queue.submit(adding(offer)))
    _, placed, late = await one_batch(queue, adding(other, cart=cart), placing(cart=cart), adding(other, cart=cart))
    assert len(json.loads(placed.body)["lines"]) == 2
    assert cart_of(late) != cart
    assert await mistakes(db, done=False) == []


async def test_no_batch_reads_a_table_from_end_to_end(database_url: str) -> None:
    """In an empty shop neither: that plan would still be there when the shop is full."""
    db = Database(database_url, pool_size=1, planner=BY_KEYS)
    queue, offer = open_checkout_queue(db), await make_offer(db, 9, max_per_customer=8)
    cart = cart_of(await queue.submit(adding(offer)))
    async with db.transaction() as connection:
        await execute(connection, [adding(offer, cart=cart, network=7), adding(offer), placing((offer, 1), network=7)])
        await execute(connection, [placing(cart=cart)])
        await execute_unlocked(connection, [adding(offer, cart=cart)])
        assert [tuple(each) for each in await connection.execute(READ_TO_THE_END)] == []
    await db.close()


async def test_a_key_that_comes_twice_in_one_batch_is_one_order(db: Database, queue: CheckoutQueue) -> None:
    offer = await make_offer(db, 5)
    key = new_key()
    same = [placing((offer, 1), key=key), placing((offer, 1), key=key)]
    first, second, other = await one_batch(queue, *same, placing((offer, 2), key=RequestKey(key.id, b"other")))
    assert (first, type(other)) == (second, KeyReused)
    assert await reserved(db, offer) == [1]


async def test_what_is_taken_out_in_the_batch_that_added_to_it_is_gone(db: Database, queue: CheckoutQueue) -> None:
    offer = await make_offer(db, 5)
    held = await queue.submit(adding(offer))
    line = UUID(json.loads(held.body)["lines"][0]["id"])
    gone = ChangeLine(new_key(), cart_of(held), line, 0, "en", None)
    _more, after = await one_batch(queue, adding(offer, cart=cart_of(held)), gone)
    assert json.loads(after.body)["lines"] == []
    assert await sql(db, "SELECT count(*) FROM cart_line") == [(0,)]
    assert await reserved(db, offer) == [0]


async def test_whole_pieces_are_left_of_what_takes_several_units(db: Database, queue: CheckoutQueue) -> None:
    async with db.begin() as session:
        table = (await make_ticket_type(session, {(await make_pool(session, 5)).id: 2})).id
    (refused,) = await one_batch(queue, placing((table, 3)))
    assert (type(refused), refused.details["left"]) == (SoldOut, 2)


async def test_lines_are_taxed_by_their_class(
    db: Database, queue: CheckoutQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.checkout.queue.sale_rules.tax_percents", lambda: {STANDARD: Decimal(19)})
    taxed, exempt = await make_offer(db, 5), await make_offer(db, 5)
    await sql(db, "UPDATE offer SET tax_class = 'exempt' WHERE id = :id", id=exempt)
    (placed,) = await one_batch(queue, placing((taxed, 1), (exempt, 1)))
    assert (json.loads(placed.body)["total"], json.loads(placed.body)["tax"]) == (6000, 479)


async def test_a_refused_request_leaves_nothing_behind(db: Database, queue: CheckoutQueue) -> None:
    offer, short = await make_offer(db, 5), await make_offer(db, 1)
    refused, placed = await one_batch(queue, placing((offer, 5), (short, 2)), placing((offer, 5)))
    assert (type(refused), placed.status) == (SoldOut, 201)
    assert await reserved(db, short) == [0]
    assert await mistakes(db, done=False) == []


async def test_a_customers_limit_counts_within_the_batch(db: Database, queue: CheckoutQueue) -> None:
    offer = await make_offer(db, 10, max_per_customer=2)
    mine = [placing((offer, 1)) for _ in range(3)]
    outcomes = await one_batch(queue, *mine, placing((offer, 2), email="other@example.org"))
    assert [type(each) for each in outcomes] == [StoredResponse, StoredResponse, CustomerLimit, StoredResponse]


async def test_a_cart_takes_so_many_things_and_no_more(db: Database, queue: CheckoutQueue) -> None:
    async with db.begin() as session:
        offers = [(await make_tickets(session, 1)).id for _ in range(MOST_LINES + 1)]
    cart = cart_of(await queue.submit(adding(offers[0])))
    outcomes = await one_batch(queue, *(adding(offer, cart=cart) for offer in offers[1:]))
    assert [type(each) for each in outcomes] == [StoredResponse] * (MOST_LINES - 1) + [CartFull]


async def test_a_changed_allocation_is_taken_from_the_next_change_on(db: Database, queue: CheckoutQueue) -> None:
    """What is held stays as it was taken, until the line itself is touched."""
    offer = await make_offer(db, 10)
    held = await queue.submit(adding(offer, 2))
    await sql(db, "UPDATE offer_pool SET units = 3")
    assert await reserved(db, offer) == [2]
    await queue.submit(placing(cart=cart_of(held)))
    assert await reserved(db, offer) == [6]
