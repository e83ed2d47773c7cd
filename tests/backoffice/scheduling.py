"""What tests of concerts at the back office have in common."""

from typing import Any

import pytest

from apps.concerts.models import Venue
from apps.core.db.database import Database
from tests.backoffice.browser import Clerk, Page
from tests.journeys.customer import sql

CREATE = "/admin/concert/create"
THREE_TYPES = {
    "ticket_types_0_name": "Standing",
    "ticket_types_0_price": "30.00",
    "ticket_types_1_name": "Student",
    "ticket_types_1_price": "20",
    "ticket_types_2_name": "VIP",
    "ticket_types_2_price": "90",
    "ticket_types_2_capacity": 50,
}


@pytest.fixture
async def venue(db: Database) -> Venue:
    async with db.begin() as session:
        session.add(kept := Venue(name="Loft", city="Kazan", country="Russia", time_zone="Europe/Moscow"))
    return kept


async def write_down(clerk: Clerk, *, status: int = 200, **typed: Any) -> Page:
    """On the form of a new concert, with everything typed as without scripts."""
    await clerk.visit(CREATE)
    facts = {"title": "Live", "venue_words": "Loft, Kazan", "starts_at": "2099-05-21T20:00", "capacity": 500, **typed}
    return await clerk.press("Save", status=status, **facts)


async def ask(
    clerk: Clerk, action: str, *concerts: object, status: int = 200, kind: str = "concert", query: str = ""
) -> Page:
    pks = "&".join([*(f"pks={id}" for id in concerts), query])
    return await clerk.visit(f"/admin/{kind}/do/{action}?{pks}", status=status)


async def only_concert(db: Database) -> Any:
    (row,) = await sql(db, "SELECT id, state, starts_at AT TIME ZONE 'UTC' AS starts_at, slug FROM concert")
    return row


async def allocations(db: Database) -> dict[str, list[int]]:
    """By ticket type, the sizes of the pools that it takes from."""
    rows = await sql(
        db,
        """SELECT name, array(SELECT capacity FROM offer_pool JOIN pool ON pool.id = pool_id
                              WHERE offer_pool.offer_id = ticket_type.offer_id ORDER BY 1 DESC) AS sizes
           FROM ticket_type ORDER BY position""",
    )
    return {row.name: row.sizes for row in rows}
