"""A real server on a real port, with a customer and the band's office who talk to it over HTTP."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import httpx
import pytest
from litestar import Litestar
from litestar.types import ASGIApp

from apps.core.db.database import Database
from apps.core.jobs import run_worker
from project.app import create_app
from project.settings import settings
from project.web.server.bounds import Bounds
from project.web.server.sockets import listening_sockets
from project.web.server.web_server import WebServer
from tests.conformance import check_answer
from tests.journeys.customer import MAILS, Customer
from tests.kernel.processes import PATIENCE
from tests.staff import signed_in_as
from tests.staff_api import StaffApi


@cache
def one_app() -> Litestar:
    """For all tests of this process: each serves it with a database of its own."""
    return create_app()


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[None]:
    """The app on the port of BASE_URL, without a worker: tests say when jobs run."""
    app = one_app()
    app.state.database_url = database_url
    async with listening(app, port=settings.port):
        yield


@asynccontextmanager
async def listening(app: ASGIApp, *, port: int) -> AsyncIterator[None]:
    """Begins and ends at once: uvicorn's own loop looks ten times a second whether it should."""
    server = WebServer(app, Bounds())
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(listening_sockets("127.0.0.1", port, {}))
    assert server.started
    try:
        yield
    finally:
        await stop(server)


async def stop(server: WebServer) -> None:
    """What is being answered is answered first. TimeoutError when that takes longer than any answer may."""
    for each in server.servers:
        each.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    async with asyncio.timeout(PATIENCE):
        while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 (no event tells of it)
            await asyncio.sleep(0.005)
    await server.stop_checking()
    await server.lifespan.shutdown()


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
async def customer(client: httpx.AsyncClient, db: Database) -> Customer:
    return Customer(client, db)


@pytest.fixture
async def staff_api(client: httpx.AsyncClient, db: Database) -> StaffApi:
    return StaffApi(client, await signed_in_as(db, "manager"))
