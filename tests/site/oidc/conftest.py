"""Providers, a site that knows them, and somebody at a browser that goes from one to the other."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from msgspec.structs import force_setattr

from project.settings import OidcProvider, settings
from project.web.security_headers import headers_of
from tests.journeys.conftest import serving
from tests.site.browser import Fan
from tests.site.oidc.real_provider import running_provider
from tests.site.oidc.stand_in import StandIn, standing_in


@pytest.fixture(scope="session")
def harbour() -> Iterator[OidcProvider]:
    with running_provider() as made:
        yield made


@pytest.fixture
async def real(harbour: OidcProvider, database_url: str) -> AsyncIterator[OidcProvider]:
    """The site with a real provider."""
    with knowing(harbour):
        async with serving(database_url):
            yield harbour


@pytest.fixture
async def stand_in(database_url: str) -> AsyncIterator[StandIn]:
    """The site with a provider that does what it is told."""
    async with standing_in() as made:
        with knowing(made.config):
            async with serving(database_url):
                yield made


@pytest.fixture
async def person() -> AsyncIterator[Fan]:
    async with a_browser() as made:
        yield Fan(made)


def a_browser() -> httpx.AsyncClient:
    """It keeps no connection open, for which a server would wait when it stops."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False, limits=limits)


@contextmanager
def knowing(provider: OidcProvider) -> Iterator[None]:
    """As if it stood in OIDC_PROVIDERS."""
    force_setattr(settings, "oidc_providers", (provider,))
    headers_of.cache_clear()
    try:
        yield
    finally:
        force_setattr(settings, "oidc_providers", ())
        headers_of.cache_clear()
