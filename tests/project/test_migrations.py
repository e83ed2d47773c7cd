"""Migrations: up, down and up again, and nothing in the models that they do not make."""

import asyncio

import asyncpg
import pytest
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import make_url

from project.settings import ROOT
from tests.conftest import WORKER, recreate, url_of

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"


@pytest.fixture
def config(postgres: str) -> Config:
    """Alembic on an empty database."""
    name = f"backline_migrations_{WORKER}"
    asyncio.run(recreate(postgres, name, template="template1"))
    made = Config(str(ROOT / "alembic.ini"))
    made.attributes["database_url"] = url_of(postgres, name)
    return made


def tables(config: Config) -> list[str]:
    async def read() -> list[str]:
        url = make_url(config.attributes["database_url"]).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            return [row["table_name"] for row in await connection.fetch(TABLES)]
        finally:
            await connection.close()

    return asyncio.run(read())


def test_up_down_and_up(config: Config) -> None:
    alembic.upgrade(config, "head")
    made = tables(config)
    assert {"orders", "pool", "hold", "pgqueuer"} <= set(made)
    alembic.downgrade(config, "base")
    assert tables(config) == ["alembic_version"]
    alembic.upgrade(config, "head")
    assert tables(config) == made


def test_models_and_migrations_agree(config: Config) -> None:
    alembic.upgrade(config, "head")
    alembic.check(config)
