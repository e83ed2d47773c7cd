"""What is deleted at the moment that somebody wants it is bought, or gone: never both."""

import asyncio

import pytest

from apps.checkout.queue.checkout_queue import execute
from apps.core.db.database import Database
from apps.inventory.reservations import Reservations
from apps.orders.offers.deleting import AlreadyOrdered
from apps.shop.models import Variant
from apps.shop.products.deleting import delete_product
from apps.shop.repositories import ProductRepository
from tests.factories import make_shirt
from tests.kernel.processes import somebody_waits, until
from tests.races.stampede import Shop, adding, names_of, stampede

pytestmark = pytest.mark.anyio


async def deleted(db: Database, shirt: Variant) -> None:
    async with db.begin() as session:
        product = await ProductRepository(session=session).lock(shirt.product_id)
        await delete_product(session, product, actor="test")


@pytest.mark.parametrize("stock", [40, None])
async def test_a_product_is_deleted_or_bought(shops: list[Shop], db: Database, stock: int | None) -> None:
    customer, staff_api = shops[:2]
    for _ in range(12):
        async with db.begin() as session:
            shirt = await make_shirt(session, stock=stock)
        _won, lost = await stampede([customer.queue.submit(adding(shirt.id)), deleted(staff_api.db, shirt)])
        assert names_of(lost) in ({"offer-not-found"}, {"already-ordered"})


async def test_who_takes_the_last_pieces_and_who_deletes_do_not_lock_one_another_out(db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    async with db.transaction() as connection:
        await Reservations(connection).lock_pools([each.pool_id for each in shirt.allocation])
        deleting = asyncio.create_task(deleted(db, shirt))
        await until(lambda: somebody_waits(db))
        await execute(connection, [adding(shirt.id)])
    with pytest.raises(AlreadyOrdered):
        await deleting
