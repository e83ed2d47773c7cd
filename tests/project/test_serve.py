"""`run` and `worker` start on a database that is at the newest migration, or say in one line why not."""

import asyncio
import os
import subprocess
import sys

import pytest

from apps.core.db.database import Database
from project.settings import ROOT
from tests.conftest import WORKER, free_port, recreate, url_of
from tests.journeys.customer import sql

MIGRATE = "The database has no tables yet, or old ones. First: python3 manage.py migrate\n"


def manage(command: str, *, database_url: str) -> tuple[int, str]:
    """The status it ends with, and what it says."""
    environment = {**os.environ, "DATABASE_URL": database_url, "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "manage.py", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", ["run", "worker"])
def test_a_database_without_tables_is_refused(postgres: str, command: str) -> None:
    name = f"backline_empty_{WORKER}"
    asyncio.run(recreate(postgres, name, template="template1"))
    assert manage(command, database_url=url_of(postgres, name)) == (1, MIGRATE)


def test_an_older_database_is_refused(postgres: str, template: str) -> None:
    name = f"backline_old_{WORKER}"
    asyncio.run(recreate(postgres, name, template=template))
    asyncio.run(make_old(url_of(postgres, name)))
    assert manage("run", database_url=url_of(postgres, name)) == (1, MIGRATE)


async def make_old(url: str) -> None:
    db = Database(url)
    await sql(db, "UPDATE alembic_version SET version_num = 'older'")
    await db.close()


@pytest.mark.parametrize("command", ["run", "worker"])
def test_without_a_database_there_is_one_line(command: str) -> None:
    url = f"postgresql+asyncpg://backline:secret@127.0.0.1:{free_port()}/backline"
    status, said = manage(command, database_url=url)
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith("The database cannot be reached: ")
    assert "secret" not in said
