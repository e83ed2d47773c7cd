"""Every page of the back office among 10,000 products and 100,000 orders, one request after the other."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import click
import httpx
from msgspec import Struct

from apps.accounts.passwords import hashed
from apps.accounts.repositories import RoleRepository
from apps.accounts.services import create_user
from apps.accounts.sessions.browser import SIGN_IN
from apps.core.db.database import Database
from benchmarks.catalogue import make_concerts, make_products
from benchmarks.office_pages import Pages, all_pages
from benchmarks.orders import ORDERS, make_orders
from benchmarks.servers import serving
from benchmarks.stage import Stage
from benchmarks.statements import SENT, SLOWEST, SLOWEST_MS
from project import registry

PRODUCTS = 10_000
WARM_UP = 2
SLOW, MOST_STATEMENTS = 100.0, 11
FORM_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
EMAIL, PASSWORD = "bench@example.org", "nine gulls and a bench"


class Measured(Struct):
    """Milliseconds; the slowest statement is that of the last request."""

    p50: float
    p95: float
    bytes: int
    statements: int
    slowest_ms: float
    slowest: str


def play(stage: Stage, *, requests: int) -> None:
    registry.load()
    asyncio.run(make(stage.url))
    pages = asyncio.run(all_pages(stage.url))
    with serving("back_office", stage, workers=1) as port, signed_in(port) as client:
        found = {title: measure(client, path, requests) for title, path in pages.items()}
    show(found)
    judge(found, pages)


async def make(url: str) -> None:
    click.echo(f"making {PRODUCTS:,} products, {ORDERS:,} orders")
    await make_concerts(url)
    await make_products(url, 1, PRODUCTS)
    await make_orders(url, products=PRODUCTS)
    db = Database(url)
    async with db.begin() as session:
        admin = await RoleRepository(session=session).list(name="admin")
        await create_user(
            session,
            email=EMAIL,
            name="",
            locale="en",
            password_hash=await hashed(PASSWORD),
            roles=admin,
            actor="bench",
        )
    await db.close()


@contextmanager
def signed_in(port: int) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, trust_env=False, timeout=60, headers={"Origin": base}) as client:
        csrf = FORM_TOKEN.search(client.get(SIGN_IN).text)
        form = {"csrf": csrf[1] if csrf else "", "email": EMAIL, "password": PASSWORD}
        client.post(SIGN_IN, data=form)
        yield client


def measure(client: httpx.Client, path: str, requests: int) -> Measured:
    times = []
    for _ in range(WARM_UP + requests):
        began = perf_counter()
        answer = client.get(path)
        times.append((perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise click.ClickException(f"{path} answers {answer.status_code}.")
    times = sorted(times[WARM_UP:])
    told = answer.headers
    return Measured(
        p50=times[len(times) // 2],
        p95=times[int(len(times) * 0.95)],
        bytes=len(answer.content),
        statements=int(told[SENT]),
        slowest_ms=float(told[SLOWEST_MS]),
        slowest=told[SLOWEST],
    )


def show(found: dict[str, Measured]) -> None:
    click.echo(f"\n{'':44}{'p50 ms':>8}{'p95 ms':>8}{'KB':>6}{'statements':>12}{'slowest ms':>12}")
    for title, each in found.items():
        size = each.bytes // 1000
        times = f"{each.p50:>8.0f}{each.p95:>8.0f}{size:>6}"
        click.echo(f"{title:44}{times}{each.statements:>12}{each.slowest_ms:>12.1f}")


def judge(found: dict[str, Measured], pages: Pages) -> None:
    slow = {title: each for title, each in found.items() if each.p95 > SLOW}
    many = {
        title: each for title, each in found.items() if each.statements > MOST_STATEMENTS and "/list" in pages[title]
    }
    click.echo(f"\n{len(found)} pages, {len(slow)} above {SLOW:.0f} ms, {len(many)} lists of 12 statements or more")
    for title, each in slow.items():
        click.echo(
            f"\n{title}: {pages[title]}\n  p95 {each.p95:.0f} ms, of them {each.slowest_ms:.0f} ms: {each.slowest}"
        )
    for title, each in many.items():
        click.echo(f"\n{title}: {pages[title]}\n  {each.statements} statements")
