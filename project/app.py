"""The composition: everything the installed apps offer, in one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import ASGIRouteHandler
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.guards import Staff, provide_current_user
from apps.accounts.oidc.providers import Providers, opened_providers
from apps.accounts.sessions.lookup import SignedInLookup
from apps.backoffice.mount import mount_admin
from apps.checkout.paying.payment_queue import PaymentQueue
from apps.checkout.queue.checkout_queue import open_checkout_queue
from apps.core.db.database import BY_KEYS, IN_CHECKOUT, IN_REQUESTS, Database
from apps.core.http.idempotency import IdempotencyKey, RequestKey, RequiredIdempotencyKey, request_key
from apps.core.http.idempotent_requests import Idempotent, IdempotentWithKey
from apps.core.http.inputs import StrictRequest
from apps.core.http.rate_limits import Limits, open_limits
from apps.core.http.requests import AnyRequest, Session
from apps.core.jobs import run_worker
from apps.payments.inbox.webhook_queue import open_webhook_queue
from apps.payments.providers import disconnect_all
from apps.reports.home import HOME
from project import registry
from project.database import ensure_database
from project.logs import configure_logs
from project.settings import settings
from project.web.compression import with_compression
from project.web.cors import with_cors
from project.web.deprecation import with_deprecation
from project.web.errors import handle, translate
from project.web.health import HealthController, Readiness
from project.web.methods import look_first
from project.web.openapi.pages import DocsController
from project.web.request_guard import with_request_guard
from project.web.request_id import with_request_id
from project.web.response_cache.layer import make_cache, open_response_cache, with_response_cache
from project.web.static_files import StaticController

LARGEST_BODY = 1024 * 1024
GRACE = 10  # seconds for running jobs when the process stops


def create_app(*, with_worker: bool = False, database_url: str | None = None) -> Litestar:
    """`with_worker`: run the job worker inside this process too."""
    configure_logs()
    registry.load()
    app = Litestar(
        route_handlers=[HealthController, DocsController, StaticController, *registry.controllers(), admin()],
        dependencies={
            "db": Provide(provide_db, sync_to_thread=False),
            "session": Provide(unit_of_work),
            "reads": Provide(provide_reads),
            "current_user": Provide(provide_current_user, sync_to_thread=False),
            "idempotent": Provide(provide_idempotent),
            "idempotent_with_key": Provide(provide_idempotent_with_key),
            "limits": Provide(provide_limits, sync_to_thread=False),
            "providers": Provide(provide_providers, sync_to_thread=False),
        },
        exception_handlers={Exception: handle},
        before_request=look_first,
        request_class=StrictRequest,
        lifespan=[open_database, open_response_cache, open_providers, open_payments, *([work] if with_worker else [])],
        state=State({"database_url": database_url, "response_cache": make_cache()}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
    )
    app.asgi_handler = with_deprecation(app.asgi_handler)  # each stands around the one before
    app.asgi_handler = with_response_cache(app)
    app.asgi_handler = with_compression(app.asgi_handler)
    app.asgi_handler = with_request_guard(app.asgi_handler)
    app.asgi_handler = with_cors(app.asgi_handler, settings.cors_origins.split())
    app.asgi_handler = with_request_id(app.asgi_handler)
    return app


@asynccontextmanager
async def open_database(app: Litestar) -> AsyncIterator[None]:
    url = app.state.database_url or ensure_database()
    app.state.db = Database(url, pool_size=settings.database_pool_size, patience=IN_REQUESTS)
    checkout_db = Database(url, pool_size=1, patience=IN_CHECKOUT, planner=BY_KEYS)
    app.state.checkout_queue = open_checkout_queue(checkout_db)
    webhook_db = Database(url, pool_size=1, patience=IN_CHECKOUT, planner=BY_KEYS)
    app.state.webhook_queue = open_webhook_queue(webhook_db)
    payment_db = Database(url, pool_size=2, patience=IN_CHECKOUT, planner=BY_KEYS)
    app.state.payment_queue = PaymentQueue(payment_db)
    app.state.limits = open_limits(app.state.db)
    app.state.signed_in = SignedInLookup(app.state.db)
    app.state.readiness = Readiness(app.state.db)
    try:
        yield
    finally:
        await app.state.limits.close()
        await app.state.signed_in.close()
        await checkout_db.close()
        await webhook_db.close()
        await payment_db.close()
        await app.state.db.close()


@asynccontextmanager
async def open_providers(app: Litestar) -> AsyncIterator[None]:
    async with opened_providers() as providers:
        app.state.providers = providers
        yield


@asynccontextmanager
async def open_payments(_: Litestar) -> AsyncIterator[None]:
    """Each payment provider connects when it is first asked."""
    try:
        yield
    finally:
        await disconnect_all()


@asynccontextmanager
async def work(app: Litestar) -> AsyncIterator[None]:
    """The worker beside the web, for the demo and for one small machine."""
    stop = asyncio.Event()
    db = Database(app.state.db.url, pool_size=settings.database_pool_size)
    worker = asyncio.create_task(run_worker(db, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([worker], timeout=GRACE)
        worker.cancel()  # what it breaks off is done by the next worker
        await asyncio.wait([worker], timeout=GRACE)
        await db.close()


def provide_db(state: State) -> Database:
    db: Database = state.db
    return db


def provide_limits(state: State) -> Limits:
    limits: Limits = state.limits
    return limits


def provide_providers(state: State) -> Providers:
    providers: Providers = state.providers
    return providers


async def unit_of_work(state: State) -> AsyncIterator[AsyncSession]:
    """One transaction a request: committed before the answer is sent, rolled back on any error."""
    async with state.db.begin() as session:
        yield session


async def provide_reads(state: State) -> AsyncIterator[AsyncConnection]:
    async with state.db.reads() as connection:
        yield connection


async def provide_idempotent(
    request: AnyRequest, session: Session, current_user: Staff, idempotency_key: IdempotencyKey = None
) -> Idempotent:
    if idempotency_key is None:
        return Idempotent(session, None)
    return Idempotent(session, await _key_of(request, current_user, idempotency_key))


async def provide_idempotent_with_key(
    request: AnyRequest, session: Session, current_user: Staff, idempotency_key: RequiredIdempotencyKey
) -> IdempotentWithKey:
    return IdempotentWithKey(session, await _key_of(request, current_user, idempotency_key))


async def _key_of(request: AnyRequest, current_user: Staff, key: str) -> RequestKey:
    """Its sender's own: the same text from another person is another key."""
    path, body = request.scope["path"], await request.body()
    return request_key(caller=current_user.caller, method=request.method, path=path, key=key, body=body)


def admin() -> ASGIRouteHandler:
    return mount_admin(registry.admin_views(), translate=translate, home=HOME)
