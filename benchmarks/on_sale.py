"""Everybody wants the same tickets: holds and orders on one hot pool, beside one lock a request and a bare handler."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import click
import msgspec

from benchmarks.catalogue import make_hot_tickets
from benchmarks.load import Run
from benchmarks.peers import HOLD, ORDER
from benchmarks.rounds import Bench, Results, verdict
from benchmarks.servers import ask, serving
from benchmarks.stage import Notes, Stage

CLIENTS = (1, 32, 256)
CROWD = 256
PLENTY, FEW = 2_000_000_000, 200
OURS, RAW, EMPTY = "Backline", "raw asyncpg, one lock", "empty handler"
SUMS = """
    SELECT reserved, capacity, (SELECT coalesce(sum(units), 0) FROM hold WHERE pool_id = pool.id) AS held,
        (SELECT count(*) FROM cart_line WHERE offer_id = $2) AS carts,
        (SELECT count(*) FROM order_line WHERE offer_id = $2) AS orders
    FROM pool WHERE id = $1
"""


class WrongSums(click.ClickException):
    """A benchmark's only way to fail."""


class OnSale:
    def __init__(self, stage: Stage, bench: Bench, *, workers: int, profiled: bool) -> None:
        self.stage = stage
        self.bench = bench
        self.workers = workers
        self.profiled = profiled
        names = [(task, who) for task in ("hold", "order", "rest") for who in (OURS, RAW)]
        capacities = [FEW if task == "rest" else PLENTY for task, _ in names]
        self.tickets = dict(zip(names, asyncio.run(make_hot_tickets(stage.url, capacities)), strict=True))

    def play(self) -> None:
        with serving("app", self.stage, workers=self.workers, profiled=self.profiled) as app:
            runs = [MAKERS[task](app, self.tickets[task, OURS][0]) for task in ("hold", "order")]
            self.note({run.path: ask(run) for run in runs})
            with serving("peers", self.stage, workers=self.workers) as peers:
                self.compare(app, peers)

    def note(self, answers: dict[str, str]) -> None:
        pools = {str(offer): str(pool) for offer, pool in self.tickets.values()}
        self.stage.note(Notes(pools=pools, answers=answers))

    def compare(self, app: int, peers: int) -> None:
        holds = self.measure("hold", app, peers, CLIENTS)
        holds.show("Holds: POST /api/v1/cart/lines, every client wants the same ticket")
        orders = self.measure("order", app, peers, CLIENTS)
        orders.show("Orders placed in one call: POST /api/v1/checkout, every client wants the same ticket")
        rest = self.measure("rest", app, peers, (CROWD,))
        rest.show(f"The last {FEW:,} tickets, and then nothing but refusals (409)")
        click.echo(f"\nRatios at {CROWD} clients: the median of the rounds' own\n")
        verdict("holds against one lock per request", holds.ratio(OURS, RAW, CROWD), 5)
        verdict("holds against the empty handler", holds.ratio(OURS, EMPTY, CROWD), 0.5)
        verdict("orders placed per second", orders.of(OURS, CROWD).per_second, 1000, "/s")
        click.echo(f"{'orders against one lock per request':58} {orders.ratio(OURS, RAW, CROWD):>9,.2f} ×")
        click.echo(f"{'orders against the empty handler':58} {orders.ratio(OURS, EMPTY, CROWD):>9,.2f} ×")
        click.echo(f"{'refusals against one lock per request':58} {rest.ratio(OURS, RAW, CROWD):>9,.2f} ×")
        click.echo(f"{'refusals against the empty handler':58} {rest.ratio(OURS, EMPTY, CROWD):>9,.2f} ×")

    def measure(self, task: str, app: int, peers: int, clients: tuple[int, ...]) -> Results:
        """The runs of all three; then the sums must be right."""
        make = MAKERS[task]
        ours, raw = make(app, self.tickets[task, OURS][0]), make(peers, self.tickets[task, RAW][0])
        runs = {OURS: ours, RAW: prefixed("/raw", raw), EMPTY: prefixed("/empty", raw)}
        results = self.bench.measure(runs, clients)
        asked = 0 if task == "rest" else 1
        for who, extra in ((OURS, asked), (RAW, 0)):
            asyncio.run(check_sums(self.stage.dsn, *self.tickets[task, who], results.statuses[who], extra))
        return results


def prefixed(prefix: str, run: Run) -> Run:
    return msgspec.structs.replace(run, path=prefix + run.path)


def hold_run(port: int, offer: UUID) -> Run:
    headers = {"Idempotency-Key": "bench-hold-{number}"}
    return Run(
        port=port, path=HOLD, headers=headers, body=dumped({"offer": str(offer), "quantity": 1}), clients=1, seconds=1
    )


def order_run(port: int, offer: UUID) -> Run:
    lines = [{"offer": str(offer), "quantity": 1}]
    body = dumped({"email": "fan{number}@example.org", "name": "Fan", "delivery": "pickup", "lines": lines})
    headers = {"Idempotency-Key": "bench-order-{number}"}
    return Run(port=port, path=ORDER, headers=headers, body=body, clients=1, seconds=1)


MAKERS = {"hold": hold_run, "order": order_run, "rest": hold_run}


def dumped(body: Mapping[str, Any]) -> str:
    return msgspec.json.encode(body).decode()


async def check_sums(dsn: str, offer: UUID, pool: UUID, statuses: Counter[int], asked: int) -> None:
    """Every 201 took one unit, nothing else did, and no more than there were."""
    connection = await asyncpg.connect(dsn)
    (row,) = await connection.fetch(SUMS, pool, offer)
    await connection.close()
    sold = statuses[201] + asked
    if not (row["reserved"] == row["held"] == row["carts"] + row["orders"] == sold <= row["capacity"]):
        raise WrongSums(f"Sold {sold} by the answers, but the database says {dict(row)}.")
    if unexpected := {status: times for status, times in statuses.items() if status not in (201, 409)}:
        raise WrongSums(f"Unexpected answers: {unexpected}.")
    click.echo(f"sums agree: {sold:,} of {row['capacity']:,} sold, {statuses[409]:,} refused")
