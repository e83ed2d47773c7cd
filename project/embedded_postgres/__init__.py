"""A PostgreSQL server of Backline's own, started when no DATABASE_URL is set.

    with EmbeddedPostgres(Path(".data")) as url: ...

Any number of processes may start it: the first one launches the server, the others join it, the last one to leave
stops it. Nobody needs to be told who is who: every process holds a lease that the kernel frees when it dies.
"""

from project.embedded_postgres.errors import EmbeddedPostgresError
from project.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]
