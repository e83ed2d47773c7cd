"""A real server, with a fan in a browser and one who talks to the API."""

from collections.abc import AsyncIterator

import httpx
import pytest

from apps.core.db.database import Database
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer
from tests.privacy.marked_person import MarkedPerson
from tests.site.browser import Fan
from tests.site.test_account import open_account
from tests.staff import signed_in_as
from tests.staff_api import StaffApi
from tests.webhooks.receiver import receiving

__all__ = ["client", "customer", "server"]


@pytest.fixture
async def member(client: httpx.AsyncClient, db: Database) -> Fan:
    """Somebody who has just opened an account, and is signed in."""
    fan = Fan(client)
    await open_account(fan, db)
    return fan


@pytest.fixture
async def admin(client: httpx.AsyncClient, db: Database) -> StaffApi:
    return StaffApi(client, await signed_in_as(db, "admin", email="admin@example.org"))


@pytest.fixture
async def marked(
    client: httpx.AsyncClient, customer: Customer, admin: StaffApi, db: Database
) -> AsyncIterator[MarkedPerson]:
    """With marks everywhere, and a program that hears of all that happens."""
    async with receiving() as receiver:
        await admin.add("/webhooks", {"url": receiver.url("/hook"), "events": []})
        person = MarkedPerson(Fan(client), customer, admin, db)
        await person.leave_marks()
        yield person
