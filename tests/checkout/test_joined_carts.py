"""Two carts of one user become one: nothing is taken anew, nothing is lost, and limits hold."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from apps.checkout.queue import hold_limits
from apps.checkout.queue.batch import HOLD_CEILING
from apps.checkout.queue.checkout_queue import CheckoutQueue, open_checkout_queue
from apps.checkout.queue.commands import ChangeLine, JoinCarts
from apps.core.db.database import Database
from apps.core.errors import NotFound
from apps.core.http.idempotency import StoredResponse
from tests.factories import make_shirt
from tests.journeys.customer import age_holds, reserved, sql
from tests.kernel.books import mistakes
from tests.races.stampede import adding, cart_of, make_offer, make_user, new_key, placing

pytestmark = pytest.mark.anyio


@pytest.fixture
def queue(db: Database) -> CheckoutQueue:
    return open_checkout_queue(db)


@pytest.fixture
async def user(db: Database) -> UUID:
    return await make_user(db)


def joining(cart: UUID | None, user: UUID) -> JoinCarts:
    return JoinCarts(new_key(), cart, "en", user)


def lines(answer: StoredResponse) -> list[tuple[int, bool]]:
    """(pieces, held)"""
    return sorted((line["quantity"], line["held"]) for line in json.loads(answer.body)["lines"])


def is_trimmed(answer: StoredResponse) -> bool:
    return bool(json.loads(answer.body)["trimmed"])


async def test_the_first_cart_becomes_the_users_and_the_second_goes_into_it(
    db: Database, queue: CheckoutQueue, user: UUID
) -> None:
    offer, other = await make_offer(db, 9), await make_offer(db, 9)
    first = cart_of(await queue.submit(adding(offer, 2)))
    second = cart_of(await queue.submit(adding(offer, 1)))
    await queue.submit(adding(other, 3, cart=second))
    assert cart_of(await queue.submit(joining(first, user))) == first
    joined = await queue.submit(joining(second, user))
    assert (cart_of(joined), lines(joined), is_trimmed(joined)) == (first, [(3, True), (3, True)], False)
    assert await reserved(db, offer) == [3]
    assert await mistakes(db, done=False) == []


async def test_joining_again_changes_nothing(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    offer = await make_offer(db, 9)
    mine = cart_of(await queue.submit(adding(offer, 2)))
    here = cart_of(await queue.submit(adding(offer, 1)))
    await queue.submit(joining(mine, user))
    once = [await queue.submit(joining(here, user)) for _ in range(3)]
    assert [lines(each) for each in once] == [[(3, True)]] * 3
    assert await reserved(db, offer) == [3]


async def test_what_does_not_fit_is_let_go_and_said(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    """Until the cart is changed."""
    offer = await make_offer(db, 20, max_per_order=4)
    mine = cart_of(await queue.submit(adding(offer, 3)))
    await queue.submit(joining(mine, user))
    joined = await queue.submit(joining(cart_of(await queue.submit(adding(offer, 3))), user))
    assert (lines(joined), is_trimmed(joined), await reserved(db, offer)) == ([(4, True)], True, [4])
    line = UUID(json.loads(joined.body)["lines"][0]["id"])
    changed = await queue.submit(ChangeLine(new_key(), mine, line, 2, "en", None, user))
    assert (is_trimmed(changed), await reserved(db, offer)) == (False, [2])
    assert await mistakes(db, done=False) == []


async def test_different_prices_stay_apart(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    offer = await make_offer(db, 9)
    await sql(db, "UPDATE offer_price SET minimum = 1")
    mine = cart_of(await queue.submit(adding(offer, 1)))
    await queue.submit(joining(mine, user))
    named = adding(offer, 2, price=777)
    joined = await queue.submit(joining(cart_of(await queue.submit(named)), user))
    assert lines(joined) == [(1, True), (2, True)]


async def test_what_had_run_out_is_not_held_again(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    offer, other = await make_offer(db, 9), await make_offer(db, 9)
    mine = cart_of(await queue.submit(adding(offer, 2)))
    await queue.submit(joining(mine, user))
    await age_holds(db, minutes=60)
    joined = await queue.submit(joining(cart_of(await queue.submit(adding(other, 1))), user))
    assert lines(joined) == [(1, True), (2, False)]
    assert (await reserved(db, offer), await reserved(db, other)) == ([0], [1])
    assert json.loads(joined.body)["expires_at"]


async def test_the_clock_is_the_later_one_up_to_the_ceiling(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    offer = await make_offer(db, 9)
    mine = cart_of(await queue.submit(adding(offer, 1)))
    await queue.submit(joining(mine, user))
    await sql(
        db,
        "UPDATE cart SET held_since = held_since - CAST(:since AS interval), expires_at = now() + interval '1 minute'",
        since=HOLD_CEILING - timedelta(minutes=5),
    )
    joined = await queue.submit(joining(cart_of(await queue.submit(adding(offer, 1))), user))
    ((is_at_ceiling,),) = await sql(
        db, "SELECT expires_at = held_since + CAST(:ceiling AS interval) FROM cart", ceiling=HOLD_CEILING
    )
    ((apart,),) = await sql(db, "SELECT count(*) FROM hold JOIN cart ON cart.expires_at <> hold.expires_at")
    assert (is_at_ceiling, apart, lines(joined)) == (True, 0, [(2, True)])


async def test_a_networks_share_is_kept(
    db: Database, queue: CheckoutQueue, user: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of two networks stay two lines where one of them would count for more than its share."""
    monkeypatch.setattr(hold_limits, "settings", msgspec.structs.replace(hold_limits.settings, held_per_network=2))
    offer = await make_offer(db, 20, max_per_order=2)
    await queue.submit(adding(offer, 1, network=1))
    mine = cart_of(await queue.submit(adding(offer, 1, network=1)))
    await queue.submit(joining(mine, user))
    joined = await queue.submit(joining(cart_of(await queue.submit(adding(offer, 1, network=2))), user))
    assert lines(joined) == [(1, True), (1, True)]
    assert await sql(db, "SELECT network, sum(units) FROM hold GROUP BY 1 ORDER BY 1") == [(1, 2), (2, 1)]


async def test_somebody_elses_cart_is_not_joined(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    """Nor opened, changed or ordered, whoever knows its token."""
    offer, thief = await make_offer(db, 9), await make_user(db, "eve@example.org")
    held = await queue.submit(adding(offer, 2))
    mine, line = cart_of(held), UUID(json.loads(held.body)["lines"][0]["id"])
    await queue.submit(joining(mine, user))
    for command in (joining(mine, thief), ChangeLine(new_key(), mine, line, 0, "en", None), placing(cart=mine)):
        with pytest.raises(NotFound):
            await queue.submit(command)
    assert cart_of(await queue.submit(adding(offer, cart=mine))) != mine
    assert await reserved(db, offer) == [3]


async def test_in_one_batch_all_go_into_the_same(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    offer = await make_offer(db, 9)
    carts = [cart_of(await queue.submit(adding(offer, 1))) for _ in range(3)]
    new = adding(offer, user=user)
    answers = await asyncio.gather(queue.submit(new), *(queue.submit(joining(cart, user)) for cart in carts))
    assert len({cart_of(each) for each in answers}) == 1
    assert await sql(db, "SELECT quantity FROM cart_line") == [(4,)]
    assert await reserved(db, offer) == [4]
    assert await mistakes(db, done=False) == []


async def test_the_own_cart_is_ordered_without_being_named(db: Database, queue: CheckoutQueue, user: UUID) -> None:
    """And the next thing begins a new one."""
    async with db.begin() as session:
        shirt = (await make_shirt(session, stock=5)).id
    new = adding(shirt, 2, user=user)
    first = cart_of(await queue.submit(new))
    order = placing(user=user)
    assert json.loads((await queue.submit(order)).body)["lines"][0]["quantity"] == 2
    again = adding(shirt, cart=first, user=user)
    assert cart_of(await queue.submit(again)) != first
    assert await mistakes(db, done=False) == []
