"""A real server on a real port, with a buyer and the band's office who talk to it over HTTP."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from litestar.types import ASGIApp

from apps.core.db import Database
from apps.core.jobs import run_worker
from project.app import create_app
from project.settings import settings
from tests.conformance import check_answer
from tests.journeys.buyer import MAILS, Buyer
from tests.office import Office
from tests.staff import signed_in_as


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[None]:
    """The app on the port of BASE_URL, without a worker: tests say when jobs run."""
    async with listening(create_app(database_url=database_url), port=settings.port):
        yield


@asynccontextmanager
async def listening(app: ASGIApp, *, port: int) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
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
async def worker(db: Database) -> AsyncIterator[None]:
    """Does the jobs, as beside a server that people use."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(db, stop=stop))
    yield
    stop.set()
    await task


@pytest.fixture
async def client(server: None) -> AsyncIterator[httpx.AsyncClient]:
    """Fails when an answer is not as the API's document has it."""
    hooks = {"response": [check_answer]}
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False, event_hooks=hooks) as made:
        yield made


@pytest.fixture
async def buyer(client: httpx.AsyncClient, db: Database) -> Buyer:
    return Buyer(client, db)


@pytest.fixture
async def office(client: httpx.AsyncClient, db: Database) -> Office:
    return Office(client, await signed_in_as(db, "manager"))
