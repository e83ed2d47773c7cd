"""One answer as the app gave it, and what is sent of it: as it is, compressed, or "not modified"."""

import asyncio
from functools import cached_property
from hashlib import blake2b
from typing import cast

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Send
from msgspec import Struct

from project.web.compression import ENCODED, HeaderList, compressed, is_worth_compressing, tag_of_gzip
from project.web.response_cache.negotiation import Wanted, is_known

LEVEL = 6  # more than elsewhere: it is done once for many
OF_THE_BODY = (b"content-type", b"content-length", b"content-encoding")  # a 304 does without
VARIES = (b"Accept-Language", b"Accept-Encoding")


class Recorded(Struct, array_like=True):
    """What the app answered; this is what other processes share."""

    status: int
    headers: HeaderList
    body: bytes


class Variant:
    """One encoding of an answer, ready to be sent."""

    def __init__(self, headers: HeaderList, body: bytes, etag: bytes) -> None:
        self.etag = etag
        self.body = body
        self.headers = [*headers, (b"etag", etag), (b"content-length", str(len(body)).encode())]
        self.headers_alone = [(name, value) for name, value in self.headers if name not in OF_THE_BODY]


class CachedResponse:
    """`is_public`: may be kept, and given to anybody who asks the same in the same language."""

    def __init__(self, recorded: Recorded, locale: str) -> None:
        self.recorded = recorded
        self.is_public = _is_public(recorded)
        self._locale = locale
        self._compressed: asyncio.Task[Variant] | None = None

    @property
    def size(self) -> int:
        """Bytes of memory, roughly, with the compressed variant."""
        return 2 * len(self.recorded.body) + 2000

    async def send(self, wanted: Wanted, send: Send) -> None:
        if not self.is_public:
            await _send(send, self.recorded.status, self.recorded.headers, self.recorded.body)
            return
        variant = await self._compressed_once() if wanted.gzip and self._is_worth_compressing else self._plain
        if wanted.known and is_known(variant.etag, wanted.known):
            await _send(send, 304, variant.headers_alone, b"")
        else:
            await _send(send, 200, variant.headers, variant.body)

    @cached_property
    def _headers(self) -> HeaderList:
        return _public_headers(self.recorded.headers, self._locale)

    @cached_property
    def _plain(self) -> Variant:
        digest = blake2b(self.recorded.body, digest_size=16).hexdigest()
        return Variant(self._headers, self.recorded.body, f'"{digest}"'.encode())

    @cached_property
    def _is_worth_compressing(self) -> bool:
        return is_worth_compressing(dict(self._headers), self.recorded.body)

    async def _compressed_once(self) -> Variant:
        if self._compressed is None:
            self._compressed = asyncio.create_task(self._compress())
        return await asyncio.shield(self._compressed)

    async def _compress(self) -> Variant:
        small = await compressed(self.recorded.body, level=LEVEL)
        return Variant([*self._headers, ENCODED], small, tag_of_gzip(self._plain.etag))


def says_public(cache_control: bytes) -> bool:
    return b"public" in cache_control.replace(b" ", b"").split(b",")


def _is_public(recorded: Recorded) -> bool:
    headers = dict(recorded.headers)
    is_personal = b"set-cookie" in headers or not says_public(headers.get(b"cache-control", b""))
    return recorded.status == 200 and not is_personal


def _public_headers(headers: HeaderList, locale: str) -> HeaderList:
    kept = [each for each in headers if each[0] not in (b"content-length", b"vary", b"etag")]
    if not any(name == b"content-language" for name, _ in kept):
        kept.append((b"content-language", locale.encode()))
    given = [part.strip() for name, value in headers if name == b"vary" for part in value.split(b",")]
    known = {each.lower() for each in given}
    return [*kept, (b"vary", b", ".join([*given, *(each for each in VARIES if each.lower() not in known)]))]


async def _send(send: Send, status: int, headers: HeaderList, body: bytes) -> None:
    start = {"type": "http.response.start", "status": status, "headers": headers}
    await send(cast(HTTPResponseStartEvent, start))
    end = {"type": "http.response.body", "body": body, "more_body": False}
    await send(cast(HTTPResponseBodyEvent, end))
