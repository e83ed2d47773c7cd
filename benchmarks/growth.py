"""Every page of the catalogue at 100, 10,000 and 100,000 products: it must not grow slower. Nothing is kept."""

import asyncio

import click

from benchmarks.catalogue import CONCERTS, make_concerts, make_products
from benchmarks.reads import PAGES, UNKEPT, page, refuse_failures
from benchmarks.rounds import Bench, Results
from benchmarks.servers import serving
from benchmarks.stage import Stage

CLIENTS = 8
CATALOGUES = (100, 10_000, 100_000)
FLAT = 1.5  # p95 among the most products, as a multiple of that among the fewest


def play(stage: Stage, bench: Bench, *, workers: int, profiled: bool) -> None:
    asyncio.run(make_concerts(stage.url))
    results = {title: Results() for title in PAGES}
    with serving("app", stage, workers=workers, profiled=profiled, settings=UNKEPT) as app:
        for before, size in zip((0, *CATALOGUES), CATALOGUES, strict=False):
            click.echo(f"making {size - before:,} products")
            asyncio.run(make_products(stage.url, before + 1, size))
            for title, found in results.items():
                found.update(measure(bench, title, app, size))
    for title, found in results.items():
        found.show(f"{title}: GET {PAGES[title]}")
    click.echo("\np95 among the most products, as a multiple of that among the fewest\n")
    for title, found in results.items():
        judge(title, found)


def measure(bench: Bench, title: str, port: int, size: int) -> Results:
    among = CONCERTS if title.startswith("concert") else size
    found = bench.measure({f"{size:,} products": page(title, port, among=among)}, (CLIENTS,))
    refuse_failures(found)
    return found


def judge(title: str, found: Results) -> None:
    times = [found.of(who, clients).p95 for who, clients in found.figures]
    grown = times[-1] / times[0]
    click.echo(f"{title:58} {grown:>9,.2f} ×   aim at most {FLAT}   {'met' if grown <= FLAT else 'NOT met'}")
