"""Looking around: the product list and a concert's page, against raw asyncpg handlers that answer the same bytes."""

import asyncio

import click

from benchmarks.catalogue import CONCERTS, PRODUCTS, SIZES, WAYS_IN, make_catalogue
from benchmarks.load import Run
from benchmarks.rounds import Bench, Results, verdict
from benchmarks.servers import ask, serving
from benchmarks.stage import Stage

CLIENTS = (1, 32, 256)
PAGES = {"product list": "/api/v1/products", "concert page": "/api/v1/concerts/live-77"}
OURS, RAW = "Backline", "raw asyncpg"
AIM = 0.45


class DifferentAnswers(click.ClickException):
    """Only the same answer may be compared."""


def play(stage: Stage, bench: Bench, *, workers: int, profiled: bool) -> None:
    asyncio.run(make_catalogue(stage.url))
    click.echo(f"{PRODUCTS:,} products of {len(SIZES)} variants, {CONCERTS} concerts of {len(WAYS_IN)} ticket types")
    with (
        serving("app", stage, workers=workers, profiled=profiled) as app,
        serving("peers", stage, workers=workers) as peers,
    ):
        results = {title: compare(bench, title, path, app, peers) for title, path in PAGES.items()}
    click.echo("\nRatios: the median of the rounds' own\n")
    for title, found in results.items():
        for clients in CLIENTS:
            verdict(f"{title} at {clients} clients", found.ratio(OURS, RAW, clients), AIM)


def compare(bench: Bench, title: str, path: str, app: int, peers: int) -> Results:
    ours = Run(port=app, method="GET", path=path, clients=1, seconds=1)
    raw = Run(port=peers, method="GET", path=f"/raw{path}", clients=1, seconds=1)
    if ask(ours) != ask(raw):
        raise DifferentAnswers(f"{path} is answered differently:\n{ask(ours)}\n{ask(raw)}")
    found = bench.measure({OURS: ours, RAW: raw}, CLIENTS)
    if {*found.statuses[OURS], *found.statuses[RAW]} != {200}:
        raise DifferentAnswers(f"Not only 200s: {found.statuses}")
    found.show(f"{title}: GET {path}")
    return found
