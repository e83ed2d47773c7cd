"""Where the database is: DATABASE_URL, or an embedded PostgreSQL that this process keeps running."""

from functools import cache

from project.embedded_postgres import EmbeddedPostgres
from project.settings import settings


@cache
def ensure_database() -> str:
    """The database's URL; starts (or joins) the embedded server when no DATABASE_URL is set."""
    return settings.database_url or embedded_server().start()


@cache
def embedded_server() -> EmbeddedPostgres:
    return EmbeddedPostgres(settings.data_dir, bin_dir=settings.postgres_bin)
