"""Problem documents (RFC 9457): a refusal as programs read it."""

from typing import Any

import structlog

from apps.core.errors import AppError, Invalid
from apps.core.http.openapi import URN


def problem_document(error: AppError, locale: str) -> dict[str, Any]:
    """The problem document, a refused request's fields in its reader's language."""
    details = error.details
    if isinstance(error, Invalid):
        details = {**details, "errors": [each.in_locale(locale) for each in details["errors"]]}
    return {
        **details,
        "type": f"{URN}{error.type}",
        "title": error.sentence(locale),
        "status": error.status,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
