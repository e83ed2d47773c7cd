"""Requests that are none: refused before anything reads them, because they would fail deep below."""

import re
from functools import lru_cache
from itertools import chain

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from apps.core.errors import BadRequest
from apps.core.openapi import PROBLEM_JSON
from project.errors import document
from project.settings import settings

HOST = re.compile(
    rb"[A-Za-z0-9._-]{0,255}(:[0-9]{1,4}|:[1-5][0-9]{4}|:6[0-4][0-9]{3})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?"
)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONTROL_IN_QUERY = re.compile(rb"[\x00-\x1f\x7f]|%(?:0[0-8A-Fa-f]|1[0-9A-Fa-f]|7[Ff])")
LARGEST_HEADERS = 32 * 1024
LONGEST_PATH = LONGEST_QUERY = 8 * 1024
API_TWICE = re.compile(r"/+api(?=/).*//|//+api/")
STATIC_PATH = re.compile(r"/static(/[\w.-]{1,100}){1,6}", re.ASCII)


def without_nonsense(app: ASGIApp) -> ASGIApp:
    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or (_is_small(scope) and _is_asked_sensibly(scope)):
            await app(scope, receive, send)
        else:
            await _refuse(scope, send)

    return middleware


def _is_small(scope: Scope) -> bool:
    """The web server takes headers, paths and queries of any size; what remembers them must not."""
    size = sum(map(len, chain.from_iterable(scope["headers"])))
    is_short = len(scope["path"]) <= LONGEST_PATH and len(scope["query_string"]) <= LONGEST_QUERY
    return is_short and size <= LARGEST_HEADERS


def _is_asked_sensibly(scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return _makes_sense(scope["path"], scope["query_string"], host)


@lru_cache(maxsize=1024)
def _makes_sense(path: str, query: bytes, host: bytes) -> bool:
    """No control characters, one spelling of each path, a Host that is one, and for files a path that can be a file's.

    A tab in a query (`%09`) is what people paste, and harmless; the web server looks at headers.
    """
    if API_TWICE.match(path) or CONTROL.search(path) or CONTROL_IN_QUERY.search(query):
        return False
    return bool(HOST.fullmatch(host)) and (not path.startswith("/static/") or bool(STATIC_PATH.fullmatch(path)))


async def _refuse(scope: Scope, send: Send) -> None:
    is_program = scope["path"].startswith("/api/")
    body = msgspec.json.encode(document(BadRequest(), settings.locale)) if is_program else b"Bad Request"
    kind = PROBLEM_JSON.encode() if is_program else b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-language", settings.locale.encode() if is_program else b"en"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
