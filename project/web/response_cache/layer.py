"""The ASGI layer in front of Litestar through which public answers go."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send

from project.settings import settings
from project.web.response_cache.cache import ResponseCache
from project.web.response_cache.cached_response import CachedResponse, Recorded, says_public
from project.web.response_cache.changes import Changes
from project.web.response_cache.negotiation import wanted
from project.web.response_cache.shared import SharedResponses

OWN_HOST = urlsplit(settings.base_url).netloc.encode()
PARAMETER = re.compile(r"\\{.+?\\}")


def with_response_cache(app: Litestar) -> ASGIApp:
    """Wraps what `app` answers to GET where a handler declares `cache_control` as public; the rest passes by."""
    inner, public, cache = app.asgi_handler, public_paths(app), app.state.response_cache

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET" or not public.fullmatch(scope["path"]):
            await inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        asked = wanted(scope, headers)
        if b"authorization" in headers:
            answer = await _make(inner, scope, asked.locale)
        else:
            answer = await cache.get(asked, partial(_make, inner, _bare(scope, asked.locale), asked.locale))
        await answer.send(asked, send)

    return layer


def public_paths(app: Litestar) -> re.Pattern[str]:
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    paths = [re.escape(route.path_format) for route in routes if any(map(is_public, route.route_handlers))]
    return re.compile("|".join(f"{PARAMETER.sub('[^/]+', path)}/?" for path in paths) or "(?!)")


def is_public(handler: HTTPRouteHandler) -> bool:
    """Whether anybody may keep what it answers."""
    headers = {each.name.lower(): each.value or "" for each in handler.resolve_response_headers()}
    return "GET" in handler.http_methods and says_public(headers.get("cache-control", "").encode())


def _bare(scope: HTTPScope, locale: str) -> HTTPScope:
    """The request without what differs from caller to caller: an answer can only hold what its key names."""
    return cast(HTTPScope, {**scope, "headers": [(b"host", OWN_HOST), (b"accept-language", locale.encode())]})


async def _make(app: ASGIApp, scope: HTTPScope, locale: str) -> CachedResponse:
    recorded = Recorded(500, [], b"")

    async def record(message: Message) -> None:
        if message["type"] == "http.response.start":
            recorded.status, recorded.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            recorded.body += message["body"]

    await app(scope, _no_body, record)
    return CachedResponse(recorded, locale)


async def _no_body() -> HTTPReceiveMessage:
    return {"type": "http.request", "body": b"", "more_body": False}


def make_cache() -> ResponseCache:
    shared = SharedResponses(settings.redis_url) if settings.redis_url else None
    return ResponseCache(bytes_at_most=settings.response_cache_mb * 1024 * 1024, shared=shared)


@asynccontextmanager
async def open_response_cache(app: Litestar) -> AsyncIterator[None]:
    """`app.state.response_cache` keeps what it is given while changes of `app.state.db` are heard."""
    cache: ResponseCache = app.state.response_cache
    if not settings.response_cache_mb:
        yield
        return
    listening = asyncio.create_task(Changes(app.state.db.url, cache).listen())
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await cache.close()
