"""Carts that are joined at the same moment: nothing is lost, nothing counted twice, nobody else gets in between."""

from uuid import UUID

import pytest

from apps.checkout.queue.commands import JoinCarts
from apps.checkout.queue.sale_rules import SoldOut
from apps.core.db.database import Database
from tests.journeys.customer import reserved, sql
from tests.kernel.books import mistakes
from tests.races.stampede import Shop, adding, cart_of, make_offer, make_user, new_key, placing, spread, stampede

pytestmark = pytest.mark.anyio


async def fill_carts(shop: Shop, offer: UUID, number: int) -> list[UUID]:
    return [cart_of(await shop.queue.submit(adding(offer))) for _ in range(number)]


def joining(cart: UUID, user: UUID) -> JoinCarts:
    return JoinCarts(new_key(), cart, "en", user)


async def test_sign_ins_at_the_same_moment_make_one_cart(db: Database, shops: list[Shop]) -> None:
    """Of a user without any: whoever comes second finds that of the first."""
    offer, user = await make_offer(db, 40), await make_user(db)
    carts = await fill_carts(shops[0], offer, 8)
    _won, lost = await stampede(spread(shops, 16, lambda shop, n: shop.queue.submit(joining(carts[n % 8], user))))
    assert lost == []
    assert await sql(db, "SELECT user_id, quantity FROM cart JOIN cart_line ON cart_id = cart.id") == [(user, 8)]
    assert await reserved(db, offer) == [8]
    assert await mistakes(db, done=False) == []


async def test_what_is_joined_is_never_free_in_between(db: Database, shops: list[Shop]) -> None:
    offer, user = await make_offer(db, 8), await make_user(db)
    carts = await fill_carts(shops[0], offer, 8)
    joins = spread(shops, 8, lambda shop, n: shop.queue.submit(joining(carts[n], user)))
    others = spread(shops, 24, lambda shop, _: shop.queue.submit(placing((offer, 1))))
    won, lost = await stampede([*joins, *others])
    assert (len(won), {type(each) for each in lost}) == (8, {SoldOut})
    assert await reserved(db, offer) == [8]


async def test_adding_and_joining_and_ordering_at_once_lose_nothing(db: Database, shops: list[Shop]) -> None:
    offer, user = await make_offer(db, 40), await make_user(db)
    carts = await fill_carts(shops[0], offer, 4)
    joins = spread(shops, 4, lambda shop, n: shop.queue.submit(joining(carts[n], user)))
    adds = spread(shops, 4, lambda shop, _: shop.queue.submit(adding(offer, user=user)))
    await stampede([*joins, *adds, shops[1].queue.submit(placing(user=user))])
    assert await reserved(db, offer) == [8]
    assert await mistakes(db, done=False) == []
