"""One handler for every refusal and failure: problem+json (RFC 9457) for programs, a page for people."""

from collections.abc import Mapping
from typing import Any

import structlog
from advanced_alchemy.exceptions import NotFoundError as RowNotFound
from litestar import Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from apps.accounts.sessions.browser import is_impersonating
from apps.core.db.errors import refusal_of
from apps.core.errors import AppError, BadRequest, Busy, FieldError, Invalid, MethodNotAllowed, NotFound, TooLarge
from apps.core.http.inputs import inputs_of, parameter_errors
from apps.core.http.openapi import PROBLEM_JSON
from apps.core.http.pages import page
from apps.core.http.problems import problem_document
from apps.core.http.requests import AnyRequest, locale_of
from apps.core.http.validation import REQUIRED, WRONG
from apps.core.text.i18n import lazy as _
from apps.site.sections import all_links

BY_STATUS: Mapping[int, Mapping[str, str]] = {401: {"WWW-Authenticate": "Bearer"}}
log = structlog.get_logger(__name__)


class Failed(AppError):
    status = 500
    type = "failed"
    message = _("Something went wrong on our side. It has been noted.")


def handle(request: AnyRequest, error: Exception) -> Response[Any]:
    known = translate(request, error)
    if known.status >= 500 and not isinstance(known, Busy):
        log.error("failed", exc_info=error)
    locale = locale_of(request)
    headers = {**BY_STATUS.get(known.status, {}), **known.headers}
    if request.scope["path"].startswith("/api/"):
        return problem(known, locale, headers)
    words: dict[str, Any] = {
        "sentence": known.sentence(locale),
        "links": all_links(),
        "is_impersonating": is_impersonating(request.cookies),
    }
    return page(request, "site/error.html", status=known.status, headers=headers, **words)


def problem(error: AppError, locale: str, headers: Mapping[str, str]) -> Response[dict[str, Any]]:
    shown = {"Cache-Control": "no-store", "Content-Language": locale, "Vary": "Accept-Language", **headers}
    return Response(problem_document(error, locale), status_code=error.status, media_type=PROBLEM_JSON, headers=shown)


def translate(request: AnyRequest, error: Exception) -> AppError:
    match error:
        case AppError():
            return error
        case ValidationException():
            return Invalid(errors=_fields(request, error))
        case NotFoundException():
            return NotFound()
        case MethodNotAllowedException():
            return MethodNotAllowed(allow=_allowed(error))
        case RequestEntityTooLarge():
            return TooLarge()
        case HTTPException() if error.status_code < 500:
            return BadRequest()
        case UnicodeDecodeError() | RecursionError():
            return BadRequest()
        case InternalServerException() if "disconnected" in error.detail:
            return BadRequest()
        case InternalServerException() if isinstance(error.__cause__, NotADirectoryError):
            return NotFound()
        case RowNotFound():
            return NotFound()
        case ExceptionGroup():
            return translate(request, error.exceptions[0])  # two dependencies that could not end what they began
        case _:
            return refusal_of(error) or Failed()


def _allowed(error: MethodNotAllowedException) -> str:
    """HEAD is asked as GET."""
    methods = (error.headers or {}).get("allow", "GET").split(", ")
    return ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))


def _fields(request: AnyRequest, error: ValidationException) -> list[FieldError]:
    """Litestar found something; what it was is looked up anew, to be told in full and in the reader's language."""
    extra = error.extra if isinstance(error.extra, list) else []
    keys = [str(each.get("key", "")) for each in extra]
    body = [FieldError("", REQUIRED)] if "data" in keys and inputs_of(request.route_handler).body else []
    return [*parameter_errors(request), *body] or [FieldError(key, WRONG) for key in keys]
