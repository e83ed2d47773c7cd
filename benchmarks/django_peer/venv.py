"""Django's own packages, in a folder of their own: the app and its tests never see them."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import click

from project.settings import ROOT

VENV = ROOT / ".data" / "bench-venv"
LOCK = ROOT / "requirements" / "bench.lock"
THREADS = 4  # of each worker


def gunicorn(port: int, workers: int) -> list[str]:
    """The command that serves the peer. Threaded workers: the others close the connection after every answer."""
    ensure_venv()
    options = {
        "--bind": f"127.0.0.1:{port}",
        "--workers": workers,
        "--worker-class": "gthread",
        "--threads": THREADS,
        "--keep-alive": 60,
        "--log-level": "warning",
    }
    words = [str(word) for option in options.items() for word in option]
    return [str(VENV / "bin" / "gunicorn"), "benchmarks.django_peer.wsgi:application", *words]


def ensure_venv() -> None:
    stamp, wanted = VENV / "bench.stamp", sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    click.echo(f"Installing Django and its friends into {VENV.relative_to(ROOT)} ...")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    install([VENV / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", LOCK])
    stamp.write_text(wanted)


def install(command: list[str | Path]) -> None:
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise click.ClickException(f"Django cannot be installed:\n{done.stderr[-2000:]}")
