"""What a request for a public answer asks for: in which language and encoding, and what its sender has already."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from litestar.types import HTTPScope
from msgspec import Struct

from apps.core.http.requests import LANGUAGE
from apps.core.text.i18n import LOCALES, LONGEST_HEADER, preferred_locale
from project.settings import settings
from project.web.compression import accepts_gzip

Headers = Mapping[bytes, bytes]


class Wanted(Struct, frozen=True):
    """`key` names the answer: path, query and language, however they were spelled."""

    key: str
    locale: str
    gzip: bool
    known: bytes


def wanted(scope: HTTPScope, headers: Headers) -> Wanted:
    query, locale = _query_and_locale(scope["query_string"], headers.get(b"accept-language", b"")[:LONGEST_HEADER])
    accepted = accepts_gzip(headers.get(b"accept-encoding", b"")[:LONGEST_HEADER])
    key = f"{scope['path']}?{query}#{locale}"
    return Wanted(key, locale, accepted, headers.get(b"if-none-match", b""))


@lru_cache(maxsize=1024)
def _query_and_locale(query: bytes, languages: bytes) -> tuple[str, str]:
    """The query in one spelling of many, and the language: `?lang=`, else Accept-Language, else the band's own."""
    pairs = sorted(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    named = dict(pairs).get(LANGUAGE)
    locale = named if named in LOCALES else preferred_locale(languages.decode("latin-1"), default=settings.locale)
    return urlencode(pairs), locale


def is_known(etag: bytes, header: bytes) -> bool:
    """Whether If-None-Match names `etag` (RFC 9110, 13.1.2: a weak comparison)."""
    return header.strip() == b"*" or etag in (each.strip().removeprefix(b"W/") for each in header.split(b","))
