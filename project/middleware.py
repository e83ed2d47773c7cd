"""What every request passes through: an id, one log line, and the headers that keep browsers safe."""

import re
import time

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

log = structlog.get_logger("request")
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
]


def with_request_id(app: ASGIApp) -> ASGIApp:
    """Takes an X-Request-ID of the caller's or makes one; it goes into every log line and the answer."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode()), *HEADERS]
                _log(scope, message["status"], started)
            await send(message)

        try:
            await app(scope, receive, answer)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")

    return middleware


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID.fullmatch(given) else str(uuid7())


def _log(scope: Scope, status: int, started: float) -> None:
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    level = log.error if status >= 500 else log.info
    level("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)
