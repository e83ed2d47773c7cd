"""Do the books agree with the provider's after kill -9? A provider tells a process of payments and kills it amid them.

What was not acknowledged it tells the next process again, as providers do, and some of what was, too.
"""

import asyncio
import random
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, NamedTuple
from uuid import UUID

import click
import msgspec

from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from benchmarks.catalogue import make_hot_tickets
from benchmarks.killed_shop import Told, serve
from benchmarks.on_sale import PLENTY, order_run
from benchmarks.paid import CLIENTS, PAYMENTS, PLACED, fetch
from benchmarks.servers import rush, serving
from benchmarks.stage import Stage

AT_ONCE = 16
LONGEST_LIFE = 0.06
"""Seconds from the first thing told to the kill, at most."""
PATIENCE = 60.0
EACH = 4
"""Payments for each kill."""
BOOKS = """
SELECT coalesce(sum(CASE WHEN cause = 'charge' THEN amount END), 0)::bigint AS charged,
    coalesce(sum(CASE WHEN cause = 'refund' AND phase = 'posted' THEN amount END), 0)::bigint AS refunded,
    coalesce(sum(CASE phase WHEN 'pending' THEN amount WHEN 'at_once' THEN 0 ELSE -amount END), 0)::bigint AS pending
FROM ledger_transfer
"""


class WrongBooks(click.ClickException):
    """The books say other sums than the provider's."""


class Sums(NamedTuple):
    charged: int
    refunded: int
    pending: int = 0


class KillingProvider:
    """Its books are its own: what it charged, and what it sent back when it was asked to."""

    def __init__(self, url: str, amounts: dict[UUID, int], *, seed: int = 1) -> None:
        self._url, self.charged, self.refunded = url, amounts, dict[UUID, int]()
        self._random = random.Random(seed)
        self._waiting = [charge(id, amount) for id, amount in amounts.items()]
        self._heard: list[Told] = []
        self.kills = self.amid = 0
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["benchmarks.killed_shop"])

    def kill(self, times: int) -> None:
        for _ in range(times):
            with self._shop() as (process, pipe):
                told = self._tell(pipe)
                self._listen(pipe, told, seconds=self._random.uniform(0.002, LONGEST_LIFE))
                process.kill()
                process.join()
            self.kills += 1
            self.amid += bool(told)
            self._waiting += told

    def finish(self) -> None:
        """The last process lives until all is said."""
        with self._shop() as (process, pipe):
            while self._waiting:
                told = self._tell(pipe)
                self._listen(pipe, told, seconds=PATIENCE)
                if told:
                    raise WrongBooks(f"{len(told)} were not taken within {PATIENCE:.0f} s.")
            pipe.send(None)
            process.join()

    @property
    def sums(self) -> Sums:
        return Sums(sum(self.charged.values()), sum(self.refunded.values()))

    @contextmanager
    def _shop(self) -> Iterator[tuple[ForkServerProcess, Connection]]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(self._url, theirs))
        process.start()
        theirs.close()
        try:
            ours.recv()
            yield process, ours
        finally:
            process.kill()
            process.join()
            ours.close()

    def _tell(self, pipe: Connection) -> list[Told]:
        """What waits, in any order, and a few that were heard before."""
        self._random.shuffle(self._waiting)
        told, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        again = self._random.sample(self._heard, min(3, len(self._heard)))
        for each in (*told, *again):
            pipe.send(each._replace(headers=signed(each.body)))
        return told

    def _listen(self, pipe: Connection, told: list[Told], *, seconds: float) -> None:
        """Takes out of `told` what is acknowledged in that time."""
        ends = time.monotonic() + seconds
        try:
            while (told or seconds < PATIENCE) and pipe.poll(max(0, ends - time.monotonic())):
                done = pipe.recv()
                if done.is_sent:
                    self.refunded[done.told.payment] = done.told.amount
                elif (heard := done.told._replace(headers={})) in told:
                    told.remove(heard)
                    self._acknowledged(heard)
        except EOFError:
            pass

    def _acknowledged(self, told: Told) -> None:
        self._heard.append(told)
        if told.body and self._random.random() < 0.5:
            self._waiting.append(Told(told.payment, self._random.randint(1, told.amount), {}))


def charge(id: UUID, amount: int) -> Told:
    event = EventBody(f"evt_{id.hex}", "payment.confirmed", id, amount, "EUR")
    return Told(id, amount, {}, msgspec.json.encode(event))


def signed(body: bytes) -> dict[str, str]:
    """At the moment when it is told: signatures grow old."""
    return {HEADER.lower(): signature(body, at=int(time.time()))} if body else {}


def play(stage: Stage, *, kills: int) -> None:
    payments = pay_for_orders(stage, kills * EACH)
    provider = KillingProvider(stage.url, {row["id"]: row["amount"] for row in payments})
    begun = time.monotonic()
    provider.kill(kills)
    provider.finish()
    seconds = time.monotonic() - begun
    (row,) = asyncio.run(fetch(stage, BOOKS))
    books = Sums(**row)
    click.echo(f"{provider.kills:,} times kill -9, {provider.amid:,} of them amid what was told; {seconds:,.0f} s")
    click.echo(f"{len(payments):,} payments, {len(provider.refunded):,} refunds")
    for name, ours, theirs in zip(Sums._fields, books, provider.sums, strict=True):
        click.echo(f"{name:10} {ours / 100:>16,.2f} EUR in the books {theirs / 100:>16,.2f} EUR at the provider")
    if books != provider.sums:
        raise WrongBooks("The books do not agree with the provider's.")


def pay_for_orders(stage: Stage, orders: int) -> Collection[Any]:
    """So many orders with a payment that waits."""
    from project import registry

    registry.load()
    ((offer, _pool),) = asyncio.run(make_hot_tickets(stage.url, [PLENTY]))
    with serving("app", stage, workers=1) as app:
        rush(msgspec.structs.replace(order_run(app, offer), clients=CLIENTS, seconds=120, warm_up=0, most=orders))
    placed = asyncio.run(fetch(stage, PLACED, orders))
    return asyncio.run(fetch(stage, PAYMENTS, [order["id"] for order in placed]))
