"""Signed-in requests beside the same handler that asks nobody who it is; sign-ins beside bare argon2 verifications."""

import asyncio
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

import click
import httpx

from apps.accounts.passwords import hashed
from apps.accounts.passwords.hashing import ARGON2, QUEUE
from apps.accounts.repositories import find_roles
from apps.accounts.services import create_user
from apps.core.db.database import Database
from benchmarks.load import Run
from benchmarks.rounds import Bench, verdict
from benchmarks.servers import rush, serving
from benchmarks.stage import Stage
from project import registry

CLIENTS = (1, 32, 256)
SIGNING_IN = 16  # clients, of whom none is told to come again
LONG = 5  # times as long as other runs: each takes a tenth of a second or more
EMAIL, PASSWORD = "bench@example.org", "nine gulls and a bench"
ME, OPEN_ME, TOKEN = "/api/v1/me", "/open/me", "/api/v1/auth/token"
SIGNED_IN, OPEN = "signed in", "the same handler, open"


def play(stage: Stage, bench: Bench, *, workers: int, profiled: bool) -> None:
    registry.load()
    password_hash = asyncio.run(make(stage.url))
    with serving("app", stage, workers=workers, profiled=profiled) as app:
        show_me(bench, app)
        show_sign_ins(bench, app, password_hash, workers)


async def make(url: str) -> str:
    """The user who signs in; their password's hash."""
    password_hash = await hashed(PASSWORD)
    db = Database(url)
    async with db.begin() as session:
        roles = await find_roles(session, ["customer"])
        await create_user(
            session, email=EMAIL, name="", locale="en", password_hash=password_hash, roles=roles, actor="bench"
        )
    await db.close()
    return password_hash


def show_me(bench: Bench, port: int) -> None:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = httpx.post(f"http://127.0.0.1:{port}{TOKEN}", data=form, trust_env=False, timeout=20).json()["access_token"]
    get = partial(Run, port=port, method="GET", clients=1, seconds=1)
    runs = {SIGNED_IN: get(path=ME, headers={"Authorization": f"Bearer {token}"}), OPEN: get(path=OPEN_ME)}
    found = bench.measure(runs, CLIENTS)
    if set().union(*found.statuses.values()) != {200}:
        raise click.ClickException(f"Not everybody was answered: {found.statuses}")
    found.show("Who is signed in: GET /api/v1/me")
    click.echo()
    for clients in CLIENTS:
        verdict(f"{clients} clients: signed in / open", found.ratio(SIGNED_IN, OPEN, clients), 0.6)


def show_sign_ins(bench: Bench, port: int, password_hash: str, workers: int) -> None:
    """In turn with as many bare verifications as the same processes' threads can do."""
    body = f"grant_type=password&username={EMAIL}&password={PASSWORD.replace(' ', '+')}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    seconds = LONG * bench.seconds
    run = Run(port=port, path=TOKEN, clients=SIGNING_IN, seconds=seconds, headers=headers, body=body)
    signed_in, verified = [], []
    for _ in range(bench.rounds):
        figure = rush(run)
        if set(figure.statuses) != {200}:
            raise click.ClickException(f"Not everybody was let in: {figure.statuses}")
        signed_in.append(figure.per_second)
        verified.append(verifications(password_hash, workers, seconds))
    click.echo(f"\nsign-ins {median(signed_in):.1f} a second, bare verifications {median(verified):.1f} a second\n")
    verdict("sign-ins / verifications", median(a / b for a, b in zip(signed_in, verified, strict=True)), 0.9)


def verifications(password_hash: str, workers: int, seconds: float) -> float:
    """A second, by as many processes of as many threads as the app has. What ends late counts for neither."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return sum(pool.starmap(verify_for, [(password_hash, seconds)] * workers))


def verify_for(password_hash: str, seconds: float) -> float:
    ends = time.perf_counter() + seconds
    with ThreadPoolExecutor(QUEUE.at_once) as threads:
        return sum(threads.map(lambda _: _verify_until(password_hash, ends), range(QUEUE.at_once))) / seconds


def _verify_until(password_hash: str, ends: float) -> int:
    done = 0
    while time.perf_counter() < ends:
        ARGON2.verify(PASSWORD, password_hash)
        done += time.perf_counter() < ends
    return done
