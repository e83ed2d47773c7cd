"""The id of every request, its one log line, and the headers that every answer gets."""

import re
import time
from collections.abc import Iterable
from typing import cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from apps.core.http.rate_limits import header_lines
from apps.core.security.networks import asking_network, network_in
from project.web.security_headers import security_headers

log = structlog.get_logger("request")
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


def with_request_id(app: ASGIApp) -> ASGIApp:
    """Takes an X-Request-ID of the caller's or makes one; it goes into every log line and the answer.

    What is shared among networks finds in `asking_network` whose request this is.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request_id = _request_id(scope)
        path, started = scope["path"], time.perf_counter()  # a mount takes its own part off the path
        structlog.contextvars.bind_contextvars(request_id=request_id)
        asking = asking_network.set(network_in(scope))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(b"x-request-id", request_id.encode()), *header_lines(scope)]
                message["headers"] = [*own, *_with_defaults(message["headers"], path)]
                _log(scope.get("method"), path, message["status"], started)
            await send(message)

        try:
            await app(_readable(scope), receive, answer)
        finally:
            asking_network.reset(asking)
            structlog.contextvars.unbind_contextvars("request_id")

    return middleware


def _with_defaults(headers: Iterable[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
    """An answer that brings one of the headers itself keeps its own."""
    own = {name for name, _ in headers}
    return [*headers, *(default for default in security_headers(path) if default[0] not in own)]


def _readable(scope: Scope) -> Scope:
    """HEAD is asked as GET; the web server leaves the body away."""
    return cast(Scope, {**scope, "method": "GET"}) if scope.get("method") == "HEAD" else scope


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID.fullmatch(given) else str(uuid7())


def _log(method: str | None, path: str, status: int, started: float) -> None:
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    level = log.error if status >= 500 else log.info
    level("request", method=method, path=_printable(path), status=status, ms=milliseconds)


def _printable(path: str) -> str:
    """What a terminal would obey is written as Python writes it."""
    return path if path.isprintable() else path.encode("unicode_escape").decode()
