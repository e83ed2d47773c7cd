"""Real processes, or a server of the test's own, and a customer who talks to either."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from apps.core.db.database import Database
from project.settings import settings
from tests.journeys.conftest import server
from tests.journeys.customer import Customer
from tests.kernel.processes import Processes

__all__ = ["server"]


@pytest.fixture
async def processes(database_url: str, tmp_path: Path) -> AsyncIterator[Processes]:
    started = Processes(database_url, tmp_path)
    yield started
    started.stop()


@pytest.fixture
async def customer(db: Database) -> AsyncIterator[Customer]:
    """Talks to whatever serves at BASE_URL at the moment."""
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False) as client:
        yield Customer(client, db)
