"""The whole way of an on-sale: payments started, webhooks of the provider taken, orders delivered, mails sent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import click
import msgspec

from apps.checkout.order_view import ORDER_KEY
from apps.core.security.signing import sign
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from benchmarks.catalogue import make_hot_tickets
from benchmarks.load import Figure, Given, Run
from benchmarks.on_sale import PLENTY, order_run
from benchmarks.peers import WEBHOOK
from benchmarks.rounds import verdict
from benchmarks.server import PROVIDER
from benchmarks.servers import free_port, rush, serving
from benchmarks.stage import Stage
from project import registry
from project.settings import ROOT

CLIENTS = 64
STEADY = 500
"""Payments a second."""
IN_PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "only for the length of a benchmark, by nobody kept",
    "BASE_URL": "https://band.example",
    "MAIL_FROM": "band@band.example",
    "PAYMENT_PROVIDERS": "bank_transfer",
    "BANK_TRANSFER_IBAN": "DE89 3704 0044 0532 0130 00",
    "BANK_TRANSFER_HOLDER": "The Band",
}
SLOWEST_MAIL = 120
"""Seconds for the last one."""
PLACED = "SELECT id, number, nonce, total FROM orders WHERE state = 'pending' ORDER BY created_at LIMIT $1"
PAYMENTS = """INSERT INTO payment (id, owner_id, provider, amount, currency, state, reference, expires_at)
              SELECT gen_random_uuid(), id, 'demo', total, 'EUR', 'pending', id, pay_until FROM orders
              WHERE id = ANY($1) RETURNING id, amount"""
DELIVERED = """
    SELECT count(*) AS orders, count(DISTINCT ticket.id) AS tickets, min(webhook_event.created_at) AS first,
        max(orders.delivered_at) AS last, sum(payment.captured) AS captured, sum(orders.total) AS total
    FROM payment JOIN orders ON orders.payment_id = payment.id JOIN ticket ON ticket.order_id = orders.id
        JOIN webhook_event ON webhook_event.payload->>'subject' = payment.id::text
    WHERE payment.id = ANY($1) AND orders.state = 'paid'
"""
MAILED = """SELECT count(sent_at) AS sent, extract(epoch FROM max(sent_at) - min(sending_since)) AS seconds FROM mail"""


class WrongSums(click.ClickException):
    """Somebody paid and has no ticket, or the other way round."""


def play(stage: Stage, *, orders: int, workers: int, profiled: bool) -> None:
    registry.load()
    ((offer, _pool),) = asyncio.run(make_hot_tickets(stage.url, [PLENTY]))
    with outside() as (provider, mail_url):
        settings = {PROVIDER: provider, "PAYMENT_PROVIDERS": "demo"}
        with serving("app", stage, workers=workers, profiled=profiled, settings=settings) as app:
            with serving("peers", stage, workers=workers) as peers:
                rush(msgspec.structs.replace(order_run(app, offer), clients=CLIENTS, seconds=60, most=5 * orders))
                show_started(stage, app, orders)
                show_delivered(stage, app, peers, orders)
            show_mails(stage, mail_url)


def show_started(stage: Stage, app: int, orders: int) -> None:
    placed = asyncio.run(fetch(stage, PLACED, orders))
    given = [Given(payments_of(order), {"Content-Type": "application/json"}, '{"provider":"demo"}') for order in placed]
    started = sent(Run(port=app, path="", clients=CLIENTS, seconds=30, warm_up=0, given=given), {201, 503})
    refused = started.statuses.get(503, 0)
    click.echo(f"payments started: p50 {started.p50:.0f} ms, p99 {started.p99:.0f} ms; asked to come again: {refused}")
    verdict("payments started per second", started.per_second, 600, "/s")


def payments_of(order: Any) -> str:
    return f"/api/v1/orders/{order['number']}/payments?key={sign(ORDER_KEY, order['id'], order['nonce'])}"


def show_delivered(stage: Stage, app: int, peers: int, orders: int) -> None:
    ours = delivered(stage, app, "", orders)
    raw = delivered(stage, peers, "/raw", orders)
    empty = sent(webhooks(stage, peers, "/empty", orders)[0], {200})
    click.echo(
        f"\ndelivered a second: {ours:,.0f}, by raw asyncpg {raw:,.0f}; an empty handler {empty.per_second:,.0f}"
    )
    verdict("orders delivered per second", ours, 1000, "/s")
    verdict("delivered against one transaction per order", ours / raw, 3)
    click.echo(f"{'delivered against the empty handler':58} {ours / empty.per_second:>9,.2f} ×")
    steady, payments = webhooks(stage, app, "", min(orders, 10 * STEADY))
    figure = sent(msgspec.structs.replace(steady, rate=STEADY), {200})
    check_sums(stage, payments)
    verdict(f"p99 from webhook to ticket at {STEADY} a second, in seconds", figure.p99 / 1000, 1, "s", most=True)


def delivered(stage: Stage, port: int, prefix: str, orders: int) -> float:
    """A second, from the first webhook stored to the last order delivered."""
    run, payments = webhooks(stage, port, prefix, orders)
    sent(run, {200})
    row = check_sums(stage, payments)
    seconds: float = (row["last"] - row["first"]).total_seconds()
    return len(payments) / seconds


def webhooks(stage: Stage, port: int, prefix: str, orders: int) -> tuple[Run, list[Any]]:
    """That tell of the payments of so many orders, and these payments."""
    placed = asyncio.run(fetch(stage, PLACED.replace("state = 'pending'", UNPAID), orders))
    payments = asyncio.run(fetch(stage, PAYMENTS, [order["id"] for order in placed]))
    given = [webhook(prefix, payment) for payment in payments]
    run = Run(port=port, path="", clients=CLIENTS, seconds=60, warm_up=0, given=given)
    return run, [payment["id"] for payment in payments]


UNPAID = "state = 'pending' AND NOT EXISTS (SELECT FROM payment WHERE owner_id = orders.id)"


def webhook(prefix: str, payment: Any) -> Given:
    event = EventBody(f"evt_{payment['id'].hex}", "payment.confirmed", payment["id"], payment["amount"], "EUR")
    body = msgspec.json.encode(event)
    return Given(prefix + WEBHOOK, {HEADER: signature(body, at=int(time.time()))}, body.decode())


def sent(run: Run, statuses: set[int]) -> Figure:
    figure = rush(run)
    if set(figure.statuses) - statuses:
        raise click.ClickException(f"Not everybody was answered: {figure.statuses}")
    return figure


def check_sums(stage: Stage, payments: list[Any]) -> Any:
    (row,) = asyncio.run(fetch(stage, DELIVERED, payments))
    if not row["orders"] == row["tickets"] == len(payments) or row["captured"] != row["total"]:
        raise WrongSums(f"{len(payments)} were paid, and the database says {dict(row)}.")
    return row


def show_mails(stage: Stage, mail_url: str) -> None:
    """One worker as in production, which has nothing else to do by then."""
    settings = {**os.environ, **IN_PRODUCTION, "DATABASE_URL": stage.url, "MAIL_URL": mail_url, "LOG_FORMAT": "json"}
    with (stage.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=settings, stdout=log, stderr=log
        )
    try:
        row = asyncio.run(until_mailed(stage))
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    verdict(f"mails per second of one worker ({row['sent']:,} sent)", row["sent"] / float(row["seconds"]), 200, "/s")


async def until_mailed(stage: Stage) -> Any:
    connection = await asyncpg.connect(stage.dsn)
    left = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'checkout.mail_delivered'"
    for _ in range(SLOWEST_MAIL):
        if not await connection.fetchval(left):
            break
        await asyncio.sleep(1)
    row = await connection.fetchrow(MAILED)
    await connection.close()
    return row


async def fetch(stage: Stage, statement: str, *arguments: Any) -> list[Any]:
    connection = await asyncpg.connect(stage.dsn)
    rows = await connection.fetch(statement, *arguments)
    await connection.close()
    return list(rows)


@contextmanager
def outside() -> Iterator[tuple[str, str]]:
    """The addresses of the provider and of the mail server."""
    provider, mail = free_port(), free_port()
    command = [sys.executable, "-m", "benchmarks.outside", str(provider), str(mail)]
    process = subprocess.Popen(command, cwd=Path(ROOT))
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{provider}", f"smtp://127.0.0.1:{mail}"
    finally:
        process.terminate()
        process.wait(10)
