"""Where the database is: DATABASE_URL, or an embedded PostgreSQL that this process keeps running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from apps.core.db.database import Database
from project.embedded_postgres import EmbeddedPostgres
from project.migrations import NO_TABLES, applied_migration, newest_migration
from project.settings import settings


@cache
def ensure_database() -> str:
    """The database's URL; starts (or joins) the embedded server when no DATABASE_URL is set."""
    return settings.database_url or embedded_server().start()


@cache
def embedded_server() -> EmbeddedPostgres:
    return EmbeddedPostgres(settings.data_dir, bin_dir=settings.postgres_bin)


@asynccontextmanager
async def opened_database() -> AsyncIterator[Database]:
    """For a command: at the newest migration, before anything is done with tables that are not what the models say."""
    db = Database(ensure_database())
    try:
        async with db.reads() as connection:
            if await applied_migration(connection) != newest_migration():
                raise SystemExit(NO_TABLES)
        yield db
    finally:
        await db.close()
