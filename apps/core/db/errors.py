"""Turns database errors into app errors: violated constraints, and failures that pass, such as lock timeouts."""

from collections.abc import Sequence

import structlog
from advanced_alchemy.exceptions import RepositoryError
from asyncpg import exceptions as pg
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from apps.core.errors import AppError, Busy, Invalid
from apps.core.text.i18n import lazy as _

AWAY = (
    pg.PostgresConnectionError,
    pg.InsufficientResourcesError,  # its disk is full, its connections are all taken
    pg.AdminShutdownError,
    pg.CrashShutdownError,
    pg.CannotConnectNowError,
    pg.DatabaseDroppedError,
    pg.PostgresSystemError,  # its disk fails
    pg.ReadOnlySQLTransactionError,  # a replica that is not the primary yet
)
"""The database cannot do anything for anybody."""
PASSING = (
    *AWAY,
    pg.LockNotAvailableError,
    pg.OperatorInterventionError,  # a statement that took too long among them
    pg.IdleInTransactionSessionTimeoutError,
    pg.TransactionTimeoutError,
    pg.TransactionRollbackError,
    pg.InvalidCachedStatementError,  # a migration came between
)
"""The same request may succeed in a moment."""
GONE = (PoolTimeout, PendingRollbackError, TimeoutError, ConnectionError)
"""What is raised without PostgreSQL having said anything."""
log = structlog.get_logger(__name__)


class DatabaseAway(Exception):
    """No connection could be made; its cause says why."""


class Conflict(AppError):
    status = 409
    type = "conflict"
    message = _("This does not fit with what is already there.")


class InUse(AppError):
    status = 409
    type = "in-use"
    message = _("Something else needs this, or what it names is gone.")


ANSWERS: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], type[AppError]]] = (
    (pg.DataError, Invalid),
    ((pg.UniqueViolationError, pg.ExclusionViolationError, pg.CheckViolationError), Conflict),
    (pg.ForeignKeyViolationError, InUse),
)


def refusal_of(error: Exception) -> AppError | None:
    """What a failure of the database means to who asked; None for what is a mistake of ours, or no such failure."""
    cause = cause_of(error)
    if passes(error):
        return Busy()
    answer = next((each for kinds, each in ANSWERS if isinstance(cause, kinds)), None)
    if answer is Invalid:
        return Invalid(errors=[])
    if answer:
        log.warning("refused.by_database", constraint=getattr(cause, "constraint_name", None))
    return answer() if answer else None


def is_away(error: Exception) -> bool:
    """Whether it failed only because the database could not be reached, or could do nothing."""
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_lost or isinstance(cause_of(error), (DatabaseAway, PoolTimeout, *AWAY))


def passes(error: Exception) -> bool:
    """Whether the same may succeed in a moment."""
    return is_away(error) or isinstance(cause_of(error), (*PASSING, *GONE))


def is_locked(error: Exception) -> bool:
    """Whether it waited for what somebody else keeps locked, as long as it may."""
    return isinstance(cause_of(error), pg.LockNotAvailableError)


def cause_of(error: Exception) -> BaseException:
    """What the driver raised, from below SQLAlchemy and advanced-alchemy."""
    if isinstance(error, RepositoryError) and isinstance(error.__cause__, Exception):
        return cause_of(error.__cause__)
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
