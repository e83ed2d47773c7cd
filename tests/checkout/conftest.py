"""A server, its buyer, and the office of the band."""

import httpx
import pytest

from apps.core.db import Database
from tests.concerts.office import Office
from tests.journeys.conftest import buyer, client, server
from tests.staff import signed_in_as

__all__ = ["buyer", "client", "server"]


@pytest.fixture
async def office(client: httpx.AsyncClient, db: Database) -> Office:
    return Office(client, await signed_in_as(db, "manager"))
