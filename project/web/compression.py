"""Bodies as gzip for whoever accepts it. Which ones, and why not by the framework: docs/decisions/compression.md."""

import asyncio
import gzip
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send

from apps.core.text.i18n import LONGEST_HEADER

WORTH_COMPRESSING = 1000  # bytes; below, the answer fits one packet anyway
LARGE = 32 * 1024  # bytes; from here on compressing would hold up other requests
LEVEL = 4
KINDS = (b"text/", b"application/json", b"application/problem+json", b"application/javascript", b"image/svg+xml")
TAG_END, GZIP_TAG_END = b'"', b'-gzip"'
ENCODED = (b"content-encoding", b"gzip")
VARIES = (b"vary", b"Accept-Encoding")
HeaderList = list[tuple[bytes, bytes]]


def with_compression(app: ASGIApp) -> ASGIApp:
    """For what `app` sends in one piece and not compressed yet."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if GZIP_TAG_END in headers.get(b"if-match", b""):
            scope = _with_own_tags(scope)
        accepts = accepts_gzip(headers.get(b"accept-encoding", b"")[:LONGEST_HEADER])
        await app(scope, receive, _compressing(send) if accepts else send)

    return middleware


@lru_cache(maxsize=1024)
def accepts_gzip(header: bytes) -> bool:
    """RFC 9110, 12.5.3: named, or meant by "*"; not refused by q=0, nor liked less than no encoding."""
    qualities: dict[bytes, float] = {}
    for part in header.lower().split(b","):
        coding, _, quality = part.replace(b" ", b"").replace(b"\t", b"").partition(b";q=")
        try:
            qualities[coding] = float(quality or 1)
        except ValueError:
            continue
    quality_of_gzip = qualities.get(b"gzip", qualities.get(b"*", 0))
    return quality_of_gzip > 0 and quality_of_gzip >= qualities.get(b"identity", 0)


def is_worth_compressing(headers: Mapping[bytes, bytes], body: bytes) -> bool:
    return len(body) >= WORTH_COMPRESSING and headers.get(b"content-type", b"").startswith(KINDS)


async def compressed(body: bytes, *, level: int) -> bytes:
    return await asyncio.to_thread(_gzip, body, level) if len(body) >= LARGE else _gzip(body, level)


def tag_of_gzip(etag: bytes) -> bytes:
    """Another encoding is another representation: it has a strong tag of its own (RFC 9110, 8.8.3.3)."""
    return etag.removesuffix(TAG_END) + GZIP_TAG_END


def _gzip(body: bytes, level: int) -> bytes:
    return gzip.compress(body, level, mtime=0)


def _with_own_tags(scope: HTTPScope) -> HTTPScope:
    """If-Match as the app wrote its tags: a change replaces the thing, in whatever encoding it was read."""
    headers = [
        (name, value.replace(GZIP_TAG_END, TAG_END) if name == b"if-match" else value)
        for name, value in scope["headers"]
    ]
    return cast(HTTPScope, {**scope, "headers": headers})


def _compressing(send: Send) -> Send:
    start: HTTPResponseStartEvent | None = None

    async def answer(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if start is not None and message["type"] == "http.response.body":
            if not message.get("more_body") and _may_be_compressed(start, message["body"]):
                message["body"] = await compressed(message["body"], level=LEVEL)
                start["headers"] = _headers_of_gzip(start["headers"], len(message["body"]))
            await send(start)
            start = None
        await send(message)

    return answer


def _may_be_compressed(start: HTTPResponseStartEvent, body: bytes) -> bool:
    headers = dict(start["headers"])
    is_left_alone = b"content-encoding" in headers or b"no-transform" in headers.get(b"cache-control", b"")
    return is_worth_compressing(headers, body) and not is_left_alone


def _headers_of_gzip(headers: Iterable[tuple[bytes, bytes]], size: int) -> HeaderList:
    kept = [
        (name, tag_of_gzip(value) if name == b"etag" else value) for name, value in headers if name != b"content-length"
    ]
    return [*kept, VARIES, ENCODED, (b"content-length", str(size).encode())]
