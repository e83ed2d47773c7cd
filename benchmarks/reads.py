"""Looking around, against raw asyncpg handlers that answer the same bytes and Django REST framework on the same rows.

Lists and pages are measured as they are made for each request, and as they come from the cache of whole answers.
"""

import asyncio
from collections.abc import Mapping
from functools import partial

import click
import msgspec

from benchmarks.catalogue import CONCERTS, SIZES, WAYS_IN, make_concerts, make_products
from benchmarks.load import Run
from benchmarks.rounds import Bench, Results, verdict
from benchmarks.servers import ask, serving
from benchmarks.stage import Stage

CLIENTS = (1, 32, 256)
PRODUCTS = 10_000
PAGES = {
    "product list": "/api/v1/products",
    "product": "/api/v1/products/shirt-{number}",
    "concert list": "/api/v1/concerts",
    "concert": "/api/v1/concerts/live-{number}",
}
OURS, KEPT, RAW, DJANGO = "Backline", "Backline, kept", "raw asyncpg", "Django REST framework"
IN_DJANGO = ("product list", "concert list")
HOT = 100  # this many products and concerts are asked for in turn
UNKEPT = {"RESPONSE_CACHE_MB": "0"}
AIMS = ((OURS, RAW, 0.45), (OURS, DJANGO, 3), (KEPT, RAW, 4))


class DifferentAnswers(click.ClickException):
    """Only the same answer may be compared."""


def play(stage: Stage, bench: Bench, *, workers: int, profiled: bool) -> None:
    asyncio.run(make_concerts(stage.url))
    asyncio.run(make_products(stage.url, 1, PRODUCTS))
    click.echo(f"{PRODUCTS:,} products of {len(SIZES)} variants, {CONCERTS} concerts of {len(WAYS_IN)} ticket types")
    start = partial(serving, stage=stage, workers=workers)
    with (
        start("app", profiled=profiled, settings=UNKEPT) as app,
        start("kept", profiled=profiled) as kept,
        start("peers") as peers,
        start("django") as django,
    ):
        ports = {OURS: app, KEPT: kept, RAW: peers, DJANGO: django}
        results = {title: compare(bench, title, ports) for title in PAGES}
    click.echo("\nRatios: the median of the rounds' own\n")
    for title, found in results.items():
        judge(title, found)


def compare(bench: Bench, title: str, ports: Mapping[str, int]) -> Results:
    runs = {who: page(title, port, prefix="/raw" if who == RAW else "") for who, port in ports.items()}
    if title not in IN_DJANGO:
        del runs[DJANGO]
    refuse_differences({who: ask(run) for who, run in runs.items()})
    found = bench.measure(runs, CLIENTS)
    refuse_failures(found)
    found.show(f"{title}: GET {PAGES[title]}")
    return found


def page(title: str, port: int, *, prefix: str = "", among: int = HOT) -> Run:
    return Run(port=port, method="GET", path=f"{prefix}{PAGES[title]}", clients=1, seconds=1, among=among)


def refuse_differences(answers: Mapping[str, str]) -> None:
    """The same bytes; of Django, which spells and pages in its own way, the same items."""
    ours = answers[OURS]
    same = {who: text == ours if who != DJANGO else items(text) == items(ours) for who, text in answers.items()}
    if different := [f"{who}: {answers[who]}" for who in same if not same[who]]:
        raise DifferentAnswers("\n".join([f"{OURS}: {ours}", *different]))


def items(answer: str) -> object:
    return msgspec.json.decode(answer)["items"]


def refuse_failures(found: Results) -> None:
    if any(statuses.keys() != {200} for statuses in found.statuses.values()):
        raise DifferentAnswers(f"Not only 200s: {found.statuses}")


def judge(title: str, found: Results) -> None:
    for who, other, aim in AIMS:
        for clients in CLIENTS if other in found.statuses else ():
            verdict(f"{title}, {clients} clients: {who} / {other}", found.ratio(who, other, clients), aim)
