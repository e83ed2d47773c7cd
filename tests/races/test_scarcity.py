"""More customers than places: exactly as many are sold as there are."""

import asyncio
import random

import pytest
from sqlalchemy import Select, text
from sqlalchemy.exc import IntegrityError

from apps.checkout.queue.sale_rules import SoldOut
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.inventory import repositories, reservations
from apps.inventory.release import release_expired
from tests.factories import make_hall, make_shirt, make_tickets
from tests.journeys.customer import age_holds, reserved, sql
from tests.races.stampede import Shop, adding, cart_of, make_offer, names_of, no_batch_fails, placing, spread, stampede

pytestmark = pytest.mark.anyio


async def test_500_customers_of_100_places_get_exactly_100(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 100)
    with no_batch_fails():
        won, lost = await stampede(spread(shops, 500, lambda shop, _: shop.queue.submit(placing((offer, 1)))))
    assert (len(won), len(lost), names_of(lost)) == (100, 400, {"sold-out"})
    assert await reserved(db, offer) == [100]
    assert len(await sql(db, "SELECT * FROM orders")) == 100


async def test_200_customers_who_never_share_a_batch_get_exactly_40(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 40)
    with no_batch_fails():
        won, lost = await stampede(spread(shops, 200, lambda shop, _: shop.buys_alone(placing((offer, 1)))))
    assert (len(won), len(lost)) == (40, 160)
    assert await reserved(db, offer) == [40]


async def test_500_carts_for_100_places_hold_exactly_100(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 100)
    won, lost = await stampede(spread(shops, 500, lambda shop, _: shop.queue.submit(adding(offer))))
    assert (len(won), len(lost)) == (100, 400)
    carts = [cart_of(answer) for answer in won]
    orders, refused = await stampede(spread(shops, 100, lambda shop, n: shop.queue.submit(placing(cart=carts[n]))))
    assert (len(orders), refused) == (100, [])
    assert await reserved(db, offer) == [100]


async def test_parties_of_all_sizes_never_get_more_than_there_is(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 100)
    sizes = [random.Random(n).randint(1, 7) for n in range(200)]
    _, lost = await stampede(spread(shops, 200, lambda shop, n: shop.queue.submit(placing((offer, sizes[n])))))
    (sold,) = await reserved(db, offer)
    assert 94 <= sold <= 100
    assert all(isinstance(each, SoldOut) for each in lost)


async def test_the_last_shirt_in_two_carts_is_one_customers(db: Database, shops: list[Shop]) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=1)
    for _ in range(10):
        won, lost = await stampede(spread(shops, 2, lambda shop, _: shop.queue.submit(adding(shirt.id))))
        assert (len(won), names_of(lost)) == (1, {"sold-out"})
        await age_holds(db, 60)


async def test_the_last_shirt_that_ran_out_in_two_carts_is_one_customers(db: Database, shops: list[Shop]) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=1)
    carts = []
    for shop in shops:
        carts.append(cart_of(await shop.queue.submit(adding(shirt.id))))
        await age_holds(db, 60)
    won, lost = await stampede(spread(shops, 4, lambda shop, n: shop.queue.submit(placing(cart=carts[n]))))
    assert (len(won), len(lost)) == (1, 3)
    assert await reserved(db, shirt.id) == [1]


async def test_opposite_line_orders_never_wait_for_each_other(db: Database, shops: list[Shop]) -> None:
    async with db.begin() as session:
        offers = [(await make_tickets(session, 1000)).id for _ in range(4)]
    orders = [random.Random(n).sample(offers, 4) for n in range(120)]
    with no_batch_fails():
        won, lost = await stampede(
            spread(shops, 120, lambda shop, n: shop.queue.submit(placing(*((offer, 1) for offer in orders[n]))))
        )
    assert (len(won), lost) == (120, [])
    assert [await reserved(db, offer) for offer in offers] == [[120]] * 4


async def test_a_quota_inside_a_hall_is_never_passed(db: Database, shops: list[Shop]) -> None:
    async with db.begin() as session:
        standing, front = await make_hall(session, places=60, front_places=15)
    offers = [standing.id, front.id]
    won, _ = await stampede(spread(shops, 200, lambda shop, n: shop.queue.submit(placing((offers[n % 2], 1)))))
    assert len(won) == 60
    assert all(each <= limit for each, limit in zip(sorted(await reserved(db, front.id)), (15, 60), strict=True))


async def test_a_customer_in_many_tabs_keeps_to_the_limit(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 100, max_per_customer=4)
    won, lost = await stampede(spread(shops, 40, lambda shop, _: shop.queue.submit(placing((offer, 1)))))
    assert (len(won), names_of(lost)) == (4, {"customer-limit"})
    assert await reserved(db, offer) == [4]


async def test_sweeping_while_buying_loses_nothing(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 40)
    carts = [cart_of(await shops[0].queue.submit(adding(offer))) for _ in range(40)]
    await age_holds(db, 60)

    async def sweep(shop: Shop, _: int) -> None:
        async with shop.db.transaction() as connection:
            await release_expired(connection)

    customers = spread(shops, 40, lambda shop, n: shop.queue.submit(placing(cart=carts[n])))
    won, lost = await stampede([*customers, *spread(shops, 20, sweep)])
    assert len([each for each in won if each is not None]) + len(lost) == 40
    assert await reserved(db, offer) == [len(won) - 20]


async def test_buying_and_calling_off_at_once_ends_with_what_is_kept(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 20)

    async def hesitate(shop: Shop, n: int) -> bool:
        cart = cart_of(await shop.queue.submit(adding(offer)))
        if n % 2:
            await shop.queue.submit(placing(cart=cart))
        return bool(n % 2)

    won, _ = await stampede(spread(shops, 60, hesitate))
    assert len(won) == 20
    await age_holds(db, 60)
    async with db.transaction() as connection:
        await release_expired(connection)
    assert await reserved(db, offer) == [sum(won)]


async def test_without_a_lock_the_same_stampede_oversells(db: Database, shops: list[Shop]) -> None:
    """The harness itself: reading what is left and then writing is a race that it does win."""
    await sql(db, "CREATE TABLE naive (taken integer NOT NULL)")
    await sql(db, "INSERT INTO naive VALUES (0)")

    async def take(shop: Shop, _: int) -> None:
        async with shop.db.transaction() as connection:
            taken = (await connection.execute(text("SELECT taken FROM naive"))).scalar_one()
            if taken >= 100:
                raise AppError
            await asyncio.sleep(0)
            await connection.execute(text("UPDATE naive SET taken = taken + 1"))

    won, _ = await stampede(spread(shops, 500, take))
    assert len(won) > 100


async def test_with_locking_off_the_shop_itself_oversells(
    db: Database, shops: list[Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the guard is the lock: the same customers, the same code, without FOR UPDATE and without the CHECK."""
    offer = await make_offer(db, 40)
    await sql(db, "ALTER TABLE pool DROP CONSTRAINT ck_pool_not_oversold")
    monkeypatch.setattr(reservations, "LOCK_POOLS", repositories.FIND_POOLS)
    monkeypatch.setattr(Select, "with_for_update", lambda select, **_: select)
    won, _ = await stampede(spread(shops, 200, lambda shop, _: shop.buys_alone(placing((offer, 1)))))
    assert len(won) > 40
    assert await reserved(db, offer) == [len(won)]
    await sql(db, "UPDATE pool SET capacity = reserved")  # so that the books balance


async def test_the_table_itself_refuses_more_than_there_is(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 1)
    with pytest.raises(IntegrityError, match="not_oversold"):
        await sql(db, "UPDATE pool SET reserved = 2")
    assert await reserved(db, offer) == [0]
