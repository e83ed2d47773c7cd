"""What tests of merch at the back office have in common."""

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.journeys.customer import sql

NEW = "/admin/product/create"
LIST = "/admin/product/list"
SHIRT = {
    "title": "Wake shirt",
    "options_0_name": "Size",
    "options_0_values": "S, M",
    "options_1_name": "Colour",
    "options_1_values": "Black, Red",
    "price": "19.90",
    "stock": "5",
}


async def add_shirt(manager: Clerk, *ticked: str, **facts: str) -> str:
    """The address of its page, without what it is about."""
    await manager.visit(NEW)
    page = await manager.press("Save", ticked=ticked, **{**SHIRT, **facts})
    return page.url.partition("?")[0].rpartition("/")[2]


async def variants(db: Database) -> list[tuple]:
    return await sql(
        db,
        "SELECT options->>0, options->>1, amount, capacity, sku FROM variant JOIN offer ON offer.id = offer_id "
        "JOIN offer_price USING (offer_id) JOIN offer_pool USING (offer_id) JOIN pool ON pool.id = pool_id "
        "WHERE offer.archived_at IS NULL ORDER BY position",
    )
