"""Serves the app or its peers, in the way of project/serve.py: `python -m benchmarks.server app 8000 2`."""

import os
import sys
from pathlib import Path

import uvicorn
from litestar import Litestar

from benchmarks.peers import create_peers
from benchmarks.sampling import start_sampling, write
from benchmarks.stage import FOLDER
from benchmarks.statements import with_statements
from project.serve import calmed, web


def app() -> Litestar:
    return announced(web(), "app")


def kept() -> Litestar:
    """The app again, beside the one that keeps no answers."""
    return announced(web(), "kept")


def office() -> Litestar:
    """The app, telling of its statements."""
    made = web()
    made.asgi_handler = with_statements(made.asgi_handler)
    return announced(made, "office")


def peers() -> Litestar:
    return announced(calmed(create_peers()), "peers")


def announced(made: Litestar, name: str) -> Litestar:
    """Tells the bench when this process is ready; samples it when asked to."""
    folder = Path(os.environ[FOLDER])
    made.on_startup.append(lambda: (folder / f"{name}.ready.{os.getpid()}").touch())
    if os.environ.get("BENCH_PROFILE"):
        seen = start_sampling()
        made.on_shutdown.append(lambda: write(folder / f"{name}.stacks.{os.getpid()}", seen))
    return made


if __name__ == "__main__":
    name, port, workers = sys.argv[1:]
    uvicorn.run(
        f"benchmarks.server:{name}",
        factory=True,
        port=int(port),
        workers=int(workers),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=10,
    )
