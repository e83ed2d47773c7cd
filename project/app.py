"""The composition: everything the installed apps offer, in one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.static_files import create_static_files_router
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.checkout.batch import Till, open_till
from apps.core.db import Database
from apps.core.jobs import run_worker
from project import registry
from project.database import ensure_database
from project.errors import handle
from project.health import HealthController
from project.logs import configure_logs
from project.middleware import with_request_id
from project.settings import ROOT, settings

LARGEST_BODY = 1024 * 1024
GRACE = 10  # seconds for running jobs when the process stops


def create_app(*, with_worker: bool = False, database_url: str | None = None) -> Litestar:
    """`with_worker`: run the job worker inside this process too."""
    configure_logs()
    registry.load()
    app = Litestar(
        route_handlers=[HealthController, *registry.controllers(), static_files()],
        dependencies={
            "db": Provide(provide_db, sync_to_thread=False),
            "till": Provide(provide_till, sync_to_thread=False),
            "session": Provide(unit_of_work),
            "reads": Provide(provide_reads),
        },
        exception_handlers={Exception: handle},
        lifespan=[open_database, work] if with_worker else [open_database],
        state=State({"database_url": database_url}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
    )
    app.asgi_handler = with_request_id(app.asgi_handler)  # outermost, so that it sees unknown paths too
    return app


@asynccontextmanager
async def open_database(app: Litestar) -> AsyncIterator[None]:
    app.state.db = Database(app.state.database_url or ensure_database(), pool_size=settings.database_pool_size)
    app.state.till = open_till(app.state.db)
    try:
        yield
    finally:
        await app.state.db.close()


@asynccontextmanager
async def work(app: Litestar) -> AsyncIterator[None]:
    """The worker beside the web, for the demo and for one small machine."""
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(app.state.db, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([worker], timeout=GRACE)
        worker.cancel()


def provide_db(state: State) -> Database:
    db: Database = state.db
    return db


def provide_till(state: State) -> Till:
    till: Till = state.till
    return till


async def unit_of_work(state: State) -> AsyncIterator[AsyncSession]:
    """One transaction a request: committed before the answer is sent, rolled back on any error."""
    async with state.db.begin() as session:
        yield session


async def provide_reads(state: State) -> AsyncIterator[AsyncConnection]:
    async with state.db.reads() as connection:
        yield connection


def static_files() -> Router:
    return create_static_files_router(
        path="/static", directories=[ROOT / "project" / "static"], name="static", include_in_schema=False
    )
