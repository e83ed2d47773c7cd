"""A process of its own for the raffle: the tables of an app that is installed are in every test's database."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from apps.core.db.database import Base, Database
from project.settings import settings
from tests.backoffice.conftest import clerk
from tests.conftest import url_of
from tests.journeys.conftest import client, customer, server, staff_api
from tests.site.conftest import fan

__all__ = ["clerk", "client", "customer", "fan", "server", "staff_api"]
RAFFLE = Path(__file__).with_name("raffle")
IS_INSTALLED = "tests.kinds.raffle" in settings.extra_apps.split()
collect_ignore = ["test_plug_in.py"] if IS_INSTALLED else ["test_raffle.py"]


@pytest.fixture(scope="session")
def template(postgres: str, template: str) -> str:
    """What the migration of such an app does: its tables, and its kind."""
    if IS_INSTALLED:
        asyncio.run(migrate(url_of(postgres, template)))
    return template


async def migrate(url: str) -> None:
    tables = [Base.metadata.tables[name] for name in ("raffle", "raffle_lot", "raffle_entry")]
    db = Database(url)
    async with db.transaction() as connection:
        await connection.run_sync(lambda sync: Base.metadata.create_all(sync, tables))
        await connection.execute(text("INSERT INTO offer_kind (name) VALUES ('lot')"))
    await db.close()
