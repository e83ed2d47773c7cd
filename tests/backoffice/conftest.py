"""People with an account at the back office's door, each with a browser of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import httpx
import pytest

from apps.accounts.sessions.browser import SESSION
from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.journeys.conftest import server
from tests.staff import in_browser_as

__all__ = ["server"]
HOST = str(urlsplit(settings.base_url).hostname)
PASSWORD = "seven gulls over the harbour"
SignIn = Callable[..., Awaitable[Clerk]]


@pytest.fixture
async def clerk(server: None, db: Database) -> AsyncIterator[SignIn]:
    """`await clerk("manager")`: a browser in which somebody with these roles is signed in."""
    clients: list[httpx.AsyncClient] = []

    async def made(*roles: str, language: str = "en") -> Clerk:
        email = f"{'-'.join(roles) or 'nobody'}-{len(clients)}@example.org"
        clients.append(client_of(language))
        clients[-1].cookies.set(SESSION, await in_browser_as(db, *roles, email=email), domain=HOST, path="/")
        return Clerk(clients[-1])

    yield made
    for each in clients:
        await each.aclose()


@pytest.fixture
async def manager(clerk: SignIn) -> Clerk:
    return await clerk("manager")


@pytest.fixture
async def admin(clerk: SignIn) -> Clerk:
    return await clerk("admin")


def client_of(language: str = "en") -> httpx.AsyncClient:
    headers = {"Origin": settings.base_url, "Accept-Language": language}
    return httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False, headers=headers)
