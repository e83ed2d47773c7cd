"""Which migration the database is at, and which is the newest."""

from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from asyncpg import UndefinedTableError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from project.settings import ROOT

NO_TABLES = "The database has no tables yet, or old ones. First: python3 manage.py migrate"


def alembic_config() -> Config:
    return Config(str(ROOT / "alembic.ini"))


@cache
def newest_migration() -> str | None:
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def applied_migration(connection: AsyncConnection) -> str | None:
    """None for a database without tables. `connection` is in autocommit."""
    try:
        return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    except ProgrammingError as error:
        if error.orig is not None and isinstance(error.orig.__cause__, UndefinedTableError):
            return None
        raise
