"""A real server, and people who sign in to it over HTTP."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.accounts.fan import Fan
from tests.journeys.conftest import client, server

__all__ = ["client", "server"]


@pytest.fixture
async def fan(client: httpx.AsyncClient, db: Database) -> Fan:
    """Somebody who has registered and signed in."""
    made = Fan(client)
    await made.open_account(db)
    await made.sign_in()
    return made
