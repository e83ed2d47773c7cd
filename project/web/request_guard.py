"""Requests that are none: refused before anything reads them, because they would fail deep below."""

import re
from functools import lru_cache
from itertools import chain
from urllib.parse import urlsplit

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from apps.core.errors import BadRequest
from apps.core.http.openapi import PROBLEM_JSON
from apps.core.http.problems import problem_document
from apps.core.text.i18n import lazy as _
from project.settings import settings

PORT = rb"(?::(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
HOST = re.compile(rb"(?:[A-Za-z0-9._-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])" + PORT)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONTROL_IN_QUERY = re.compile(rb"[\x00-\x1f\x7f]|%(?:0[0-8A-Fa-f]|1[0-9A-Fa-f]|7[Ff])")
LARGEST_HEADERS = 32 * 1024
LONGEST_PATH = LONGEST_QUERY = 8 * 1024
API_TWICE = re.compile(r"/+api(?=/).*//|//+api/")
NO_HOST = b""
ANY_HOST = "/health/"
"""A load balancer asks each machine by its address, or under no name (HTTP/1.0); the answer depends on neither."""
STATIC_PATH = re.compile(r"/static(/[\w.-]{1,100}){1,6}", re.ASCII)


class UnknownHost(BadRequest):
    """Who is sent here under another name could be shown pages, and mails with links, that are another's."""

    message = _("This is not the address of this site.")


def with_request_guard(app: ASGIApp) -> ASGIApp:
    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not (refusal := _refusal(scope)):
            await app(scope, receive, send)
        else:
            await _refuse(scope, send, refusal())

    return middleware


def _refusal(scope: Scope) -> type[BadRequest] | None:
    hosts = [value for name, value in scope["headers"] if name == b"host"] or [NO_HOST]
    if not _is_small(scope) or len(hosts) > 1:
        return BadRequest
    return _refusal_of(scope["path"], scope["query_string"], hosts[0])


def _is_small(scope: Scope) -> bool:
    """The web server takes longer ones; what remembers them must not."""
    size = sum(map(len, chain.from_iterable(scope["headers"])))
    is_short = len(scope["path"]) <= LONGEST_PATH and len(scope["query_string"]) <= LONGEST_QUERY
    return is_short and size <= LARGEST_HEADERS


@lru_cache(maxsize=1024)
def _refusal_of(path: str, query: bytes, host: bytes) -> type[BadRequest] | None:
    """Control characters, a second spelling of a path, a Host that is none or not ours, a file's path that can be none.

    A tab in a query (`%09`) is what people paste, and harmless; the web server looks at headers.
    """
    if API_TWICE.match(path) or CONTROL.search(path) or CONTROL_IN_QUERY.search(query) or not HOST.fullmatch(host):
        return BadRequest
    try:
        name = urlsplit(f"//{host.decode()}").hostname or ""
    except ValueError:  # brackets around what is no address
        return BadRequest
    if not path.startswith(ANY_HOST) and name not in settings.host_names:
        return UnknownHost
    return BadRequest if path.startswith("/static/") and not STATIC_PATH.fullmatch(path) else None


async def _refuse(scope: Scope, send: Send, error: BadRequest) -> None:
    is_program = scope["path"].startswith("/api/")
    said = error.sentence(settings.locale).encode()
    body = msgspec.json.encode(problem_document(error, settings.locale)) if is_program else said
    kind = PROBLEM_JSON.encode() if is_program else b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-language", settings.locale.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
