"""What the database refuses, as answers: rules that no service had looked at before, and moments that pass."""

from collections.abc import Sequence

import structlog
from asyncpg import exceptions as pg
from sqlalchemy.exc import DBAPIError

from apps.core.batching import Busy
from apps.core.errors import AppError, Invalid
from apps.core.i18n import lazy as _

PASSING = (
    pg.LockNotAvailableError,
    pg.OperatorInterventionError,  # a statement that took too long among them
    pg.TransactionRollbackError,
    pg.PostgresConnectionError,
    pg.TooManyConnectionsError,
)
"""The same request may succeed in a moment."""
log = structlog.get_logger(__name__)


class Conflict(AppError):
    status = 409
    type = "conflict"
    message = _("This does not fit with what is already there.")


class InUse(AppError):
    status = 409
    type = "in-use"
    message = _("Something else needs this, or what it names is gone.")


ANSWERS: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], type[AppError]]] = (
    (PASSING, Busy),
    ((pg.UniqueViolationError, pg.ExclusionViolationError, pg.CheckViolationError), Conflict),
    (pg.ForeignKeyViolationError, InUse),
)


def refusal_of(error: DBAPIError) -> AppError | None:
    """None for what is a mistake of ours."""
    cause = getattr(error.orig, "__cause__", None)
    if error.connection_invalidated:
        return Busy()
    if isinstance(cause, (pg.DataError, pg.CharacterNotInRepertoireError)):
        return Invalid(errors=[])
    answer = next((each for kinds, each in ANSWERS if isinstance(cause, kinds)), None)
    if answer in (Conflict, InUse):
        log.warning("refused.by_database", constraint=getattr(cause, "constraint_name", None))
    return answer() if answer else None
