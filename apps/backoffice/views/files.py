"""Files of a view, and pages that lead to them: what it has besides lists, forms and exports."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from apps.accounts.permissions import Permission
from apps.core.text.i18n import Lazy

Answer = Callable[[Any, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class File:
    """At `/admin/<view>/file/<name>`, by GET: `answer(view, request)`. With a `title` the list leads to it."""

    name: str
    permission: Permission
    answer: Answer
    title: Lazy | None = None
