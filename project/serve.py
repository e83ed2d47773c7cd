"""Running the app: the web server, and the worker by itself."""

import asyncio
import gc
import signal
import sys

from litestar import Litestar

from apps.accounts.passwords.breaches.lookup import list_problems
from apps.core.db.database import Database
from apps.core.jobs import run_worker
from apps.payments.providers import disconnect_all
from project import registry
from project.database import ensure_database, opened_database
from project.logs import configure_logs
from project.settings import settings
from project.settings.check import settings_problems
from project.web.server.bounds import bounds_from
from project.web.server.sockets import listening_sockets
from project.web.server.supervisor import become_supervisor

WEB, WITH_WORKER = "web", "web-with-worker"


def serve(*, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Blocks until SIGINT or SIGTERM; the embedded database stops with the last process that uses it."""
    listening = listening_sockets(host, port)
    refuse_bad_start()
    what = WITH_WORKER if with_worker else WEB
    command = [sys.executable, "-m", "project.web.server.process", what]
    become_supervisor(command, listening, processes=workers)


def refuse_bad_start() -> None:
    refuse_bad_settings()
    refuse_damaged_list()
    bounds_from(settings)
    asyncio.run(refuse_old_database())


def calmed(app: Litestar) -> Litestar:
    """What stands at start stays: a full garbage collection over it would stop every request for 100 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    return app


def refuse_bad_settings() -> None:
    if problems := settings_problems(settings) or registry.load_providers():
        raise SystemExit("\n".join(problems))


def refuse_damaged_list() -> None:
    """Rather than take whatever password comes."""
    if problems := list_problems():
        raise SystemExit("\n".join(problems))


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
        await disconnect_all()
        await db.close()
