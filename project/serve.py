"""Running the app: the web server, and the worker by itself."""

import asyncio
import gc
import signal
import socket

import uvicorn
from litestar import Litestar

from apps.core.db import Database
from apps.core.jobs import run_worker
from project import registry
from project.app import create_app
from project.database import ensure_database, opened_database
from project.logs import configure_logs
from project.settings import settings
from project.settings_check import settings_problems


def serve(*, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Blocks until SIGINT or SIGTERM; the embedded database stops with the last process that uses it."""
    refuse_bad_settings()
    refuse_taken_port(host, port)
    asyncio.run(refuse_old_database())
    factory = "project.serve:web_with_worker" if with_worker else "project.serve:web"
    uvicorn.run(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies.split(),
        timeout_graceful_shutdown=10,
    )


def web() -> Litestar:
    return calmed(create_app())


def web_with_worker() -> Litestar:
    return calmed(create_app(with_worker=True))


def calmed(app: Litestar) -> Litestar:
    """What stands at start stays: a full garbage collection over it would stop every request for 100 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    return app


def refuse_bad_settings() -> None:
    if problems := settings_problems(settings):
        raise SystemExit("\n".join(problems))


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise SystemExit(
                f"Port {port} is taken. Stop what runs there, or choose another: --port {port + 1}"
            ) from None


async def refuse_old_database() -> None:
    """Before anything is served from tables that are not there, or are not what the models say."""
    async with opened_database():
        pass


async def work() -> None:
    """The job worker, until SIGINT or SIGTERM."""
    refuse_bad_settings()
    await refuse_old_database()
    configure_logs()
    registry.load()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    db = Database(ensure_database(), pool_size=settings.database_pool_size)
    try:
        await run_worker(db, stop=stop)
    finally:
        await db.close()
