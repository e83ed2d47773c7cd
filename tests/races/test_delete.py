"""What is deleted at the moment that somebody wants it is bought, or gone: never both."""

import pytest

from apps.core.db import Database
from apps.shop.deleting import delete_product
from apps.shop.models import Variant
from apps.shop.repositories import ProductRepository
from tests.factories import make_shirt
from tests.races.stampede import Shop, adding, names_of, stampede

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("stock", [40, None])
async def test_a_product_is_deleted_or_bought(shops: list[Shop], db: Database, stock: int | None) -> None:
    buyer, office = shops[:2]
    for _ in range(15):
        async with db.begin() as session:
            shirt = await make_shirt(session, stock=stock)
        _won, lost = await stampede([buyer.till.submit(adding(shirt.id)), deleted(office, shirt)])
        assert names_of(lost) in ({"offer-gone"}, {"already-ordered"})


async def deleted(shop: Shop, shirt: Variant) -> None:
    async with shop.db.begin() as session:
        product = await ProductRepository(session=session).lock(shirt.product_id)
        await delete_product(session, product, actor="test")
