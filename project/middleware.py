"""What every request passes through: an id, one log line, and the headers that keep browsers safe."""

import re
import time
from collections.abc import Iterable
from typing import cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

log = structlog.get_logger("request")
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
HOST = re.compile(
    rb"[A-Za-z0-9._-]{0,255}(:[0-9]{1,4}|:[1-5][0-9]{4}|:6[0-4][0-9]{3})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?"
)
STATIC_PATH = re.compile(r"/static(/[\w.-]{1,100}){1,6}", re.ASCII)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        b"frame-ancestors 'none'; object-src 'none'",
    ),
]


def with_request_id(app: ASGIApp) -> ASGIApp:
    """Takes an X-Request-ID of the caller's or makes one; it goes into every log line and the answer."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [(b"x-request-id", request_id.encode()), *_with_defaults(message["headers"])]
                _log(scope, message["status"], started)
            await send(message)

        try:
            if _is_asked_sensibly(scope):
                await app(_readable(scope), receive, answer)
            else:
                await _refuse(answer)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")

    return middleware


def _with_defaults(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """An answer that brings one of the headers itself keeps its own."""
    own = {name for name, _ in headers}
    return [*headers, *(default for default in HEADERS if default[0] not in own)]


def _readable(scope: Scope) -> Scope:
    """HEAD is asked as GET; the web server leaves the body away."""
    return cast(Scope, {**scope, "method": "GET"}) if scope.get("method") == "HEAD" else scope


def _is_asked_sensibly(scope: Scope) -> bool:
    """A Host that is one, and for files a path that can be a file's: what is beyond them fails deep below."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    path = scope["path"]
    return bool(HOST.fullmatch(host)) and (not path.startswith("/static/") or bool(STATIC_PATH.fullmatch(path)))


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"11")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": b"Bad Request", "more_body": False})


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID.fullmatch(given) else str(uuid7())


def _log(scope: Scope, status: int, started: float) -> None:
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    level = log.error if status >= 500 else log.info
    level("request", method=scope.get("method"), path=scope["path"], status=status, ms=milliseconds)
