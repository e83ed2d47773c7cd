"""What no field can hold is refused beside it, however odd it is."""

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("amount", ["1e99999999", "-1e99999999", "Infinity", "sNaN", "1e13", "0.001", "9" * 5000])
async def test_amounts(manager: Clerk, amount: str) -> None:
    await manager.visit("/admin/product/create")
    page = await manager.press("Save", title="Shirt", price=amount, status=422)
    assert page.errors == ["Must be an amount of money: 19.90."]
    assert page.value("price") == amount


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "2099-02-30T10:00"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
async def test_moments(manager: Clerk, db: Database, moment: str, zone: str) -> None:
    await sql(
        db,
        f"""INSERT INTO venue (id, name, city, region, country, time_zone)
            VALUES (gen_random_uuid(), 'Loft', 'Town', '', '', '{zone}')""",
    )
    await manager.visit("/admin/concert/create")
    page = await manager.press("Save", title="Live", venue_words="Loft, Town", starts_at=moment, capacity=9, status=422)
    assert len(page.errors) == 1
    assert page.value("starts_at") == moment
