"""Scripts of other sites may use the API where CORS_ORIGINS names them: without cookies, never with credentials.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Collection

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
ANY = b"*"
ALLOWED = b"access-control-allow-origin"
VARY = (b"vary", b"Origin")
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
MAY_SEND = b", ".join(
    (
        b"Authorization",
        b"Accept-Language",
        b"Cart-Token",
        b"Content-Type",
        b"Idempotency-Key",
        b"If-Match",
        b"If-None-Match",
        b"X-Request-ID",
    )
)
MAY_READ = b", ".join(
    (
        b"Content-Language",
        b"Deprecation",
        b"ETag",
        b"Location",
        b"RateLimit",
        b"RateLimit-Policy",
        b"Retry-After",
        b"Sunset",
        b"WWW-Authenticate",
        b"X-Request-ID",
    )
)
PREFLIGHT = [
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", MAY_SEND),
    (b"access-control-max-age", b"7200"),  # what Chromium keeps at most
]
EXPOSED = (b"access-control-expose-headers", MAY_READ)
Headers = list[tuple[bytes, bytes]]


def with_cors(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """`origins`: `https://example.org`, or `*` for any; without any, `app` as it is."""
    known = {origin.encode() for origin in origins}
    if not known:
        return app

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(API):
            await app(scope, receive, send)
            return
        headers = _granted(_header(scope, b"origin"), known)
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
            await _answer_preflight(send, headers)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await app(scope, receive, answer)

    return middleware


def _granted(origin: bytes, known: Collection[bytes]) -> Headers:
    """Vary stands also where nothing is granted, so that no cache gives one origin's answer to another."""
    if ANY in known:
        return [(ALLOWED, ANY), EXPOSED]
    return [VARY, (ALLOWED, origin), EXPOSED] if origin in known else [VARY]


async def _answer_preflight(send: Send, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [*headers, *PREFLIGHT]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
