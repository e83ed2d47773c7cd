"""The band gives places away while customers take them: together they never get more than there are."""

import pytest

from apps.checkout.comp_orders import place_comp_order
from apps.checkout.staff_schemas import CompOrderIn, CompOrderLineIn
from apps.core.db.database import Database
from apps.orders.models import Order
from tests.journeys.customer import reserved
from tests.kernel.books import mistakes
from tests.races.stampede import Shop, make_offer, names_of, no_batch_fails, placing, spread, stampede

pytestmark = pytest.mark.anyio


async def test_guests_and_customers_share_the_places_there_are(db: Database, shops: list[Shop]) -> None:
    offer = await make_offer(db, 30)
    comp_order = CompOrderIn(
        email="ann@example.org", locale="en", reason="guest list", lines=[CompOrderLineIn(offer, 1)]
    )

    async def give(shop: Shop, _number: int) -> Order:
        async with shop.db.begin() as session:
            return await place_comp_order(session, comp_order, actor="test")

    buying = spread(shops, 60, lambda shop, _: shop.queue.submit(placing((offer, 1))))
    with no_batch_fails():
        won, lost = await stampede([*buying, *spread(shops, 20, give)])
    assert (len(won), len(lost), names_of(lost)) == (30, 50, {"sold-out"})
    assert await reserved(db, offer) == [30]
    assert await mistakes(db, done=False) == []
