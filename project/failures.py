"""What a command that fails says where people can mend it: one line. What is a mistake of ours keeps its traceback."""

from alembic.util import CommandError
from asyncpg import exceptions as pg

from apps.core.db.errors import GONE, PASSING, DatabaseAway, cause_of
from project.embedded_postgres import EmbeddedPostgresError
from project.migrations import NO_TABLES

OLD_TABLES = (pg.UndefinedTableError, pg.UndefinedColumnError, pg.UndefinedFunctionError)
REFUSED_TO_CONNECT = (
    pg.InvalidAuthorizationSpecificationError,
    pg.InvalidCatalogNameError,
    pg.InterfaceError,
    pg.InternalClientError,
)


def sentence_of(error: Exception) -> str | None:
    """None for what nobody expected."""
    match cause_of(error):
        case EmbeddedPostgresError() | CommandError() as cause:
            return _line(cause)
        case DatabaseAway(__cause__=cause):
            return _unreachable(cause)
        case pg.InsufficientPrivilegeError() as cause:
            return f"The database does not allow this: {_line(cause)}"
        case OSError(filename=str(name), strerror=reason):
            return f"{name}: {reason}"
        case cause if isinstance(cause, OLD_TABLES):
            return NO_TABLES
        case cause if isinstance(cause, (*PASSING, *GONE, *REFUSED_TO_CONNECT, OSError)):
            return _unreachable(cause)
    return None


def _unreachable(cause: BaseException | None) -> str:
    return f"The database cannot be reached: {_line(cause)}"


def _line(error: BaseException | None) -> str:
    return " ".join(str(error).split()) or type(error).__name__
