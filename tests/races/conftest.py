"""Several processes' worth of connections to one database, and a server for what needs HTTP."""

from collections.abc import AsyncIterator

import pytest

from apps.core.db.database import Database
from tests.journeys.conftest import client, customer, server, staff_api
from tests.kernel.books import mistakes
from tests.races.stampede import Shop

__all__ = ["client", "customer", "server", "staff_api"]
PROCESSES = 4


@pytest.fixture
async def shops(db: Database) -> AsyncIterator[list[Shop]]:
    """Whatever the race did, the books balance after it."""
    made = [Shop(db.url) for _ in range(PROCESSES)]
    yield made
    for shop in made:
        await shop.db.close()
    assert await mistakes(db, done=False) == []
