"""One handler for every refusal and failure: problem+json (RFC 9457) for programs, a page for people."""

from typing import Any

import structlog
from asyncpg.exceptions import (
    CharacterNotInRepertoireError,
    DataError,
    LockNotAvailableError,
    PostgresConnectionError,
)
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from apps.core.batching import Busy
from apps.core.errors import AppError, Invalid, NotFound
from apps.core.i18n import lazy as _
from apps.core.pages import page
from apps.core.requests import locale_of

PROBLEM = "application/problem+json"
log = structlog.get_logger(__name__)
Req = Request[Any, Any, Any]


class Failed(AppError):
    status = 500
    type = "failed"
    message = _("Something went wrong on our side. It has been noted.")


class Refused(AppError):
    """An error of the framework's: a wrong method, a body too large, JSON that cannot be read."""

    def __init__(self, status: int, type: str) -> None:
        super().__init__()
        self.status, self.type = status, type  # type: ignore[misc]


def handle(request: Req, error: Exception) -> Response[Any]:
    known = translate(error)
    if known.status >= 500 and not isinstance(known, Busy):
        log.error("failed", exc_info=error)
    if request.scope["path"].startswith("/api/"):
        return problem(known, locale_of(request))
    return page(request, "site/error.html", status=known.status, sentence=known.sentence(locale_of(request)))


def problem(error: AppError, locale: str) -> Response[dict[str, Any]]:
    body = {
        **error.details,  # first, so that an offer's title does not take the sentence's place
        "type": f"urn:backline:problem:{error.type}",
        "title": error.sentence(locale),
        "status": error.status,
    }
    headers = {"Retry-After": "1"} if error.status == 503 else None
    return Response(body, status_code=error.status, media_type=PROBLEM, headers=headers)


def translate(error: Exception) -> AppError:
    match error:
        case AppError():
            return error
        case ValidationException():
            return Invalid(errors=_fields(error))
        case NotFoundException():
            return NotFound()
        case MethodNotAllowedException():
            return Refused(405, "method-not-allowed")
        case HTTPException() if error.status_code < 500:
            return Refused(error.status_code, "bad-request")
        case UnicodeDecodeError() | RecursionError():
            return Refused(400, "bad-request")
        case InternalServerException() if "disconnected" in error.detail:
            return Refused(400, "disconnected")
        case InternalServerException() if isinstance(error.__cause__, NotADirectoryError):
            return NotFound()
        case PoolTimeout() | ConnectionError():
            return Busy()
        case DBAPIError() if _is_passing(error):
            return Busy()
        case DBAPIError() if isinstance(_cause(error), (DataError, CharacterNotInRepertoireError)):
            return Invalid(errors=[])
        case _:
            return Failed()


def _is_passing(error: DBAPIError) -> bool:
    """A lock not got in time, or a database that restarts: the same request may succeed in a moment."""
    return error.connection_invalidated or isinstance(_cause(error), (LockNotAvailableError, PostgresConnectionError))


def _cause(error: DBAPIError) -> BaseException | None:
    """What asyncpg said, below SQLAlchemy's own wrapping."""
    cause: BaseException | None = getattr(error.orig, "__cause__", None)
    return cause


def _fields(error: ValidationException) -> list[dict[str, str]]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [{"field": str(each.get("key", "")), "message": str(each.get("message", ""))} for each in extra]
