"""Every answer of a deprecated operation says so: the Deprecation and Sunset headers (RFC 9745, RFC 8594)."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from apps.core.http.openapi import DEPRECATION, Deprecation


def with_deprecation(app: ASGIApp) -> ASGIApp:
    """Stands next to Litestar, inside the response cache, so that kept answers have the headers too."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and (deprecation := _deprecation(scope)):
                message["headers"] = [*message["headers"], *_header_lines(deprecation)]
            await send(message)

        await app(scope, receive, answer)

    return middleware


def _deprecation(scope: Scope) -> Deprecation | None:
    """That of the handler which Litestar found for the request."""
    handler = scope.get("route_handler")
    return handler.opt.get(DEPRECATION) if handler else None


def _header_lines(deprecation: Deprecation) -> list[tuple[bytes, bytes]]:
    since = int(_midnight(deprecation.since).timestamp())
    sunset = format_datetime(_midnight(deprecation.sunset), usegmt=True)
    return [(b"deprecation", f"@{since}".encode()), (b"sunset", sunset.encode())]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
