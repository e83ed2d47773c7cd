"""A real server on a real port, and a buyer who talks to it over HTTP."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from apps.core.db import Database
from project.app import create_app
from project.settings import settings
from tests.conformance import check_answer
from tests.journeys.buyer import MAILS, Buyer


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[None]:
    """The app on the port of BASE_URL, without a worker: tests say when jobs run."""
    app = create_app(database_url=database_url)
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_config=None, access_log=False, lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[None]:
    shutil.rmtree(MAILS, ignore_errors=True)
    async with serving(database_url):
        yield


@pytest.fixture
async def client(server: None) -> AsyncIterator[httpx.AsyncClient]:
    """Fails when an answer is not as the API's document has it."""
    hooks = {"response": [check_answer]}
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False, event_hooks=hooks) as made:
        yield made


@pytest.fixture
async def buyer(client: httpx.AsyncClient, db: Database) -> Buyer:
    return Buyer(client, db)
