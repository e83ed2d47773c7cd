"""An admin who looks after webhooks, and a program that hears them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from apps.core.db.database import Database
from tests.journeys.conftest import client, customer, server, staff_api
from tests.staff import signed_in_as
from tests.staff_api import StaffApi
from tests.webhooks.receiver import Receiver, receiving

__all__ = ["client", "customer", "server", "staff_api"]
Listen = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def admin(client: httpx.AsyncClient, db: Database) -> StaffApi:
    return StaffApi(client, await signed_in_as(db, "admin"))


@pytest.fixture
async def listen(admin: StaffApi, receiver: Receiver) -> Listen:
    """`await listen("order.paid")`: a webhook at the receiver, as it was answered, with its secret."""

    async def made(*events: str, path: str = "/hook") -> dict[str, Any]:
        return await admin.add("/webhooks", {"url": receiver.url(path), "events": list(events)})

    return made
