"""Web servers under test: each a uvicorn of N processes, started in the way of `manage.py run`, stopped at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from benchmarks.django_peer.venv import gunicorn
from benchmarks.load import Figure, Run
from benchmarks.stage import FOLDER, Stage
from project.settings import ROOT

PATIENCE = 60  # seconds for a server to start


@contextmanager
def serving(
    name: str, stage: Stage, *, workers: int, profiled: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[int]:
    """`name`: "django", or a factory of benchmarks/server.py. Yields the port once every process is ready."""
    port = free_port()
    environment = {
        **os.environ,
        FOLDER: str(stage.folder),
        "DATABASE_URL": stage.url,
        "LOG_FORMAT": "json",
        "RATE_LIMITS": "off",
        **(settings or {}),
        "BENCH_PROFILE": "yes" if profiled else "",
    }
    with (stage.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command(name, port, workers),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_ready(process, stage.folder, name, workers)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def command(name: str, port: int, workers: int) -> list[str]:
    if name == "django":
        return gunicorn(port, workers)
    return [sys.executable, "-m", "benchmarks.server", "serve", name, str(port), str(workers)]


def wait_ready(process: "subprocess.Popen[bytes]", folder: Path, name: str, workers: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(list(folder.glob(f"{name}.ready.*"))) < workers:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"The server did not start:\n{(folder / f'{name}.log').read_text()[-2000:]}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rush(run: Run) -> Figure:
    """The crowd in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=ROOT,
        input=msgspec.json.encode(run),
        stdout=subprocess.PIPE,
        check=True,
        timeout=run.seconds + run.warm_up + 120,
    )
    return msgspec.json.decode(done.stdout, type=Figure)


def ask(run: Run) -> str:
    """One request of the run's, for its answer."""
    url = f"http://127.0.0.1:{run.port}{run.path}".replace("{number}", "0000000001")
    headers = {name: value.replace("{number}", "9999999999") for name, value in run.headers.items()}
    body = run.body.replace("{number}", "9999999999")
    headers["Content-Type"] = "application/json"
    with httpx.Client(trust_env=False) as client:
        answer = client.request(run.method, url, headers=headers, content=body)
    if answer.is_error:
        raise SystemExit(f"{run.path} answers {answer.status_code}: {answer.text}")
    return answer.text
