"""Errors as the back office shows them."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from apps.core.errors import AppError, Busy

Translate = Callable[[Any, Exception], AppError]
"""Makes any failure one that people can be told about."""


def translated(request: Request, error: Exception) -> AppError:
    translate: Translate = request.state.translate
    return translate(request, error)


def is_failure(refused: AppError) -> bool:
    """Whether it is a fault of ours."""
    return refused.status >= 500 and not isinstance(refused, Busy)


def refusal_of(request: Request, error: Exception) -> AppError:
    """What people can be told beside what they typed; raises a failure of ours anew."""
    refused = translated(request, error)
    if is_failure(refused):
        raise error
    return refused
