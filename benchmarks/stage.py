"""What a benchmark plays on: a database of its own, made and dropped, and the notes its processes share."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import msgspec
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import make_url

from project.database import ensure_database
from project.settings import ROOT

FOLDER = "BENCH_FOLDER"


class Notes(msgspec.Struct):
    """Read by the servers when they start: pools by hot offer; answers of the app's by path, for its peers to give."""

    pools: dict[str, str] = {}
    answers: dict[str, str] = {}


class Stage(msgspec.Struct):
    """`folder` holds the servers' output, which is kept from the terminal, and the notes."""

    url: str
    folder: Path

    @property
    def dsn(self) -> str:
        return plain(self.url)

    def note(self, notes: Notes) -> None:
        (self.folder / "notes.json").write_bytes(msgspec.json.encode(notes))


def notes() -> Notes:
    """For the servers, whose environment names the folder."""
    return msgspec.json.decode((Path(os.environ[FOLDER]) / "notes.json").read_bytes(), type=Notes)


@contextmanager
def stage() -> Iterator[Stage]:
    server, name = ensure_database(), f"backline_bench_{os.getpid()}"
    asyncio.run(execute(server, f'CREATE DATABASE "{name}"'))
    try:
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        migrate(url)
        with tempfile.TemporaryDirectory(prefix="backline-bench-") as folder:
            made = Stage(url, Path(folder))
            made.note(Notes())
            yield made
    finally:
        asyncio.run(execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


def migrate(url: str) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["database_url"] = url
    alembic.upgrade(config, "head")


async def execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(plain(make_url(server).set(database="postgres").render_as_string(False)))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def plain(url: str) -> str:
    """For asyncpg itself."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
