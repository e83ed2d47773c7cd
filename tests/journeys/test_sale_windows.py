"""What fans are told can be had is what they can buy: nothing outside its sale window."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_concert, make_shirt, make_ticket_type
from tests.journeys.customer import Customer, sql

pytestmark = pytest.mark.anyio
WINDOWS = {
    "it has no end": ("NULL", "NULL", True),
    "it is open": ("clock_timestamp() - interval '1 hour'", "clock_timestamp() + interval '1 hour'", True),
    "it is not open yet": ("clock_timestamp() + interval '1 hour'", "NULL", False),
    "it is closed": ("NULL", "clock_timestamp() - interval '1 hour'", False),
}


@pytest.fixture(params=WINDOWS)
async def window(request: pytest.FixtureRequest) -> tuple[str, str, bool]:
    return WINDOWS[request.param]


async def set_window(db: Database, window: tuple[str, str, bool]) -> bool:
    """Whether it is open."""
    sale_from, sale_until, is_open = window
    await sql(db, f"UPDATE offer SET sale_from = {sale_from}, sale_until = {sale_until}")
    return is_open


async def test_a_ticket_is_there_while_it_can_be_bought(
    client: httpx.AsyncClient, customer: Customer, db: Database, window: tuple[str, str, bool]
) -> None:
    async with db.begin() as session:
        concert = await make_concert(session)
        ticket = await make_ticket_type(session, {}, concert=concert)
    is_open = await set_window(db, window)
    (listed,) = (await client.get("/api/v1/concerts")).json()["items"]
    (shown,) = (await client.get(f"/api/v1/concerts/{concert.slug}")).json()["ticket_types"]
    said = "available" if is_open else None
    assert (listed["availability"], shown["availability"], shown["left"]) == (said, said, None)
    await customer.order_at_once(ticket.id, status=201 if is_open else 409)


async def test_a_variant_is_there_while_it_can_be_bought(
    client: httpx.AsyncClient, customer: Customer, db: Database, window: tuple[str, str, bool]
) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=3)
    is_open = await set_window(db, window)
    (listed,) = (await client.get("/api/v1/products")).json()["items"]
    in_stock = (await client.get("/api/v1/products", params={"in_stock": "true"})).json()["items"]
    (shown,) = (await client.get(f"/api/v1/products/{listed['slug']}")).json()["variants"]
    assert (listed["availability"], len(in_stock)) == (("few_left", 1) if is_open else ("sold_out", 0))
    assert (shown["availability"], shown["left"]) == (("few_left", 3) if is_open else (None, None))
    await customer.order_at_once(shirt.id, status=201 if is_open else 409)
