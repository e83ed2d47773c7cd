"""A real server, with a fan in a browser and one who talks to the API."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.journeys.conftest import client, customer, server
from tests.site.browser import Fan
from tests.site.test_account import open_account

__all__ = ["client", "customer", "server"]


@pytest.fixture
async def member(client: httpx.AsyncClient, db: Database) -> Fan:
    """Somebody who has just opened an account, and is signed in."""
    fan = Fan(client)
    await open_account(fan, db)
    return fan
