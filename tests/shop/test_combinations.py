"""All variants of a product in one step."""

import pytest

from apps.core.db.database import Database
from apps.shop.products.combinations import NewProductIn, OptionIn, add_product_with_variants
from tests.journeys.customer import sql
from tests.queries import counting

pytestmark = pytest.mark.anyio


async def add(db: Database, title: str, sizes: int) -> int:
    """How many statements it takes."""
    options = [OptionIn("Size", [f"{number}" for number in range(sizes)]), OptionIn("Colour", ["Black", "Red"])]
    wanted = NewProductIn(title=title, options=options, price=1990, stock=5)
    with counting() as sent:
        async with db.begin() as session:
            await add_product_with_variants(session, wanted, actor="test")
    return len(sent)


async def test_many_variants_are_not_more_statements(db: Database) -> None:
    few, many = await add(db, "Pin", 1), await add(db, "Shirt", 125)
    assert few == many < 20
    stock = "SELECT count(DISTINCT pool_id), sum(capacity) FROM offer_pool JOIN pool ON pool.id = pool_id"
    assert await sql(db, stock) == [(252, 252 * 5)]
    audit_entries = "SELECT count(*) FROM audit_entry WHERE action = 'shop.add_variant'"
    assert await sql(db, audit_entries) == [(252,)]
