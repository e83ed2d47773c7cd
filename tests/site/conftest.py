"""A fan in front of the running site."""

import httpx
import pytest

from tests.journeys.conftest import client, customer, server
from tests.site.browser import Fan

__all__ = ["client", "customer", "server"]


@pytest.fixture
async def fan(client: httpx.AsyncClient) -> Fan:
    return Fan(client)
