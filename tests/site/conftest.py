"""A fan in front of the running site."""

import httpx
import pytest

from tests.journeys.conftest import buyer, client, server
from tests.site.browser import Fan

__all__ = ["buyer", "client", "server"]


@pytest.fixture
async def fan(client: httpx.AsyncClient) -> Fan:
    return Fan(client)
