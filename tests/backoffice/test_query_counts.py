"""Every list of the back office takes few statements, and as many for many rows as for few."""

import pytest
from sqladmin.authorization import Action

from apps.core.db import Database
from project import registry
from tests.backoffice.browser import Clerk
from tests.journeys.buyer import Buyer
from tests.journeys.conftest import buyer, client
from tests.plenty import Plenty
from tests.queries import counting
from tests.staff import signed_in_as

__all__ = ["buyer", "client"]
pytestmark = pytest.mark.anyio
MOST_STATEMENTS = 11
FEW, MANY = 2, 8


async def test_more_rows_are_not_more_statements(admin: Clerk, buyer: Buyer, db: Database) -> None:
    plenty = Plenty(buyer, await signed_in_as(db, "admin"))
    await plenty.grow(FEW)
    few = await statements(admin)
    await plenty.grow(MANY - FEW)
    assert await statements(admin) == few
    assert {path: count for path, count in few.items() if count > MOST_STATEMENTS} == {}


async def statements(clerk: Clerk) -> dict[str, int]:
    """Of each list, asked for the second time."""
    counts = {}
    for view in registry.admin_views():
        if Action.DETAILS in view.permissions:
            path = f"/admin/{view.identity}/list"
            await clerk.visit(path)
            with counting() as sent:
                await clerk.visit(path)
            counts[path] = len(sent)
    return counts
