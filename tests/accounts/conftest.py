"""A real server, and people who sign in to it over HTTP."""

import httpx
import pytest

from tests.accounts.fan import Fan
from tests.journeys.conftest import client, server

__all__ = ["client", "server"]


@pytest.fixture
async def fan(client: httpx.AsyncClient) -> Fan:
    """Somebody who has registered and signed in."""
    made = Fan(client)
    await made.register()
    await made.sign_in()
    return made
