"""Serves the app or its peers, in the way of project/serve.py: `python -m benchmarks.server serve app 8000 2`."""

import os
import sys
from itertools import count
from pathlib import Path
from typing import NoReturn
from uuid import UUID

from litestar import Litestar, get
from litestar.types import ASGIApp, Receive, Scope, Send

from apps.accounts.schemas import MeOut
from apps.core.http.requests import PERSONAL, PUBLIC
from apps.payments.demo.provider import DemoProvider
from apps.payments.providers import register
from apps.payments.providers.http import ProviderHttp
from benchmarks.peers import create_peers
from benchmarks.sampling import start_sampling, write
from benchmarks.stage import FOLDER
from benchmarks.statements import with_statements
from project.app import create_app
from project.serve import calmed
from project.web.server.lifeline import serve_inherited
from project.web.server.sockets import listening_sockets
from project.web.server.supervisor import become_supervisor

NOBODY = UUID(int=0)
PROVIDER = "BENCH_PROVIDER"
"""The address of a stand-in for the demo provider."""


def app() -> Litestar:
    made = calmed(create_app())
    if provider := os.environ.get(PROVIDER):
        register(DemoProvider(ProviderHttp(provider)))
    made.register(show_nobody)
    made.asgi_handler = from_everywhere(made.asgi_handler)
    return announced(made, "app")


@get("/open/me", cache_control=PERSONAL, opt=PUBLIC)
async def show_nobody() -> MeOut:
    """What `GET /api/v1/me` answers, without asking who it is."""
    return MeOut(NOBODY, "bench@example.org", "", "en", [], news=False, entitlements=[])


def kept() -> Litestar:
    """The app again, beside the one that keeps no answers."""
    return announced(calmed(create_app()), "kept")


def back_office() -> Litestar:
    """The app, telling of its statements."""
    made = calmed(create_app())
    made.asgi_handler = with_statements(made.asgi_handler)
    return announced(made, "back_office")


def peers() -> Litestar:
    return announced(calmed(create_peers()), "peers")


def from_everywhere(app: ASGIApp) -> ASGIApp:
    """Each request comes from another network, as on the day of a sale: shares are counted, and none is used up."""
    numbers = count(os.getpid() << 20)

    async def moved(scope: Scope, receive: Receive, send: Send) -> None:
        if "client" in scope:
            number = next(numbers)
            scope["client"] = (f"2001:{number >> 32 & 0xFFFF:x}:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1", 0)
        await app(scope, receive, send)

    return moved


def announced(made: Litestar, name: str) -> Litestar:
    """Tells the bench when this process is ready; samples it when asked to."""
    folder = Path(os.environ[FOLDER])
    made.on_startup.append(lambda: (folder / f"{name}.ready.{os.getpid()}").touch())
    if os.environ.get("BENCH_PROFILE"):
        seen = start_sampling()
        made.on_shutdown.append(lambda: write(folder / f"{name}.stacks.{os.getpid()}", seen))
    return made


def serve(name: str, port: int, workers: int) -> NoReturn:
    command = [sys.executable, "-m", "benchmarks.server", name]
    become_supervisor(command, listening_sockets("127.0.0.1", port), processes=workers)


FACTORIES = {made.__name__: made for made in (app, kept, back_office, peers)}

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", name, port, workers]:
            serve(name, int(port), int(workers))
        case [name, *inherited]:
            serve_inherited(FACTORIES[name](), inherited)
