"""`manage.py demo`: a database of its own, a band to play with, web and worker in one process."""

import asyncio
import shutil

import click
from alembic import command as alembic
from sqlalchemy import exists, or_, select

from apps.core.db.database import Database
from apps.orders.models import Order
from project import registry
from project.database import embedded_server, ensure_database
from project.demo.load import end_past_sales, load_demo
from project.demo.people import load_people
from project.demo.plan import AT_HOME
from project.demo.running import announce
from project.demo.sales import sell_demo_tickets
from project.demo.staff_work import UNLUCKY, work_on_orders
from project.migrations import alembic_config
from project.serve import serve
from project.settings import given, settings
from project.web.server.sockets import refuse_taken_port

THINGS_TO_TRY = """
Backline is running:  {url}

Three things to try
  1. Buy a ticket and a shirt           {url}/
     and pay, fail or walk away at the demo provider: no real money moves.
  2. Read the mail with your tickets    {url}/demo/mail
  3. Ask the API what is on             curl {url}/api/v1/concerts
{people}
Stop with Ctrl-C. The data is kept; --fresh starts over.
"""


def start(*, port: int, fresh: bool) -> None:
    refuse_taken_port(settings.host, port)
    if fresh:
        wipe()
    click.echo("Starting the database…")
    url = ensure_database()
    alembic.upgrade(alembic_config(), "head")
    registry.load()
    people = asyncio.run(_fill(url))
    announce(settings.data_dir, given())
    click.echo(THINGS_TO_TRY.format(url=settings.base_url, people=people))
    serve(host=settings.host, port=port, workers=1, with_worker=True)


def wipe() -> None:
    """Only ever the demo's own database: one that DATABASE_URL names belongs to somebody."""
    if settings.database_url:
        raise SystemExit("--fresh wipes the demo's own database only; DATABASE_URL names another. Empty that yourself.")
    embedded_server().wipe()
    for folder in ("mail", "media"):
        shutil.rmtree(settings.data_dir / folder, ignore_errors=True)


async def _fill(url: str) -> str:
    """Returns what there is to say about the people who can sign in."""
    db = Database(url, pool_size=settings.database_pool_size)
    try:
        await load_demo(db, report=lambda line: click.echo(f"  {line}"))
        if await make_past(db):
            click.echo("  Tickets sold to invented fans")
        await end_past_sales(db)
        return await load_people(db)
    finally:
        await db.close()


async def make_past(db: Database) -> bool:
    """What invented fans have bought, and the office has done with it; or what an earlier start left of that.

    False when all is done, or when anybody else has ordered.
    """
    others = Order.email.not_like(f"%{AT_HOME}")
    async with db.begin() as session:
        if await session.scalar(select(exists().where(or_(Order.email == UNLUCKY, others)))):
            return False
    await sell_demo_tickets(db)
    await work_on_orders(db)
    return True
